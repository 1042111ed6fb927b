"""What recurs around a publisher's stories is drafted as rules, with evidence; recurring news is not."""

from pathlib import Path

import pytest

from factory import STORY, make_article, make_folder
from newsarchive.article import Block, Credit
from newsarchive.cleaner import clean
from newsarchive.cli import main
from newsarchive.commands.learn import draft_rules, group_by_publisher, to_rule_file, to_yaml
from newsarchive.recurrence import distinct
from newsarchive.rulefiles import parse_rules
from newsarchive.rules import RuleBook

BOOK = RuleBook(())
TOPICS = "桥梁 航运 灯会 书店 渔村 茶园 剧场 窑址 码头 染坊".split()


def paragraphs(number):
    """Three full paragraphs that no other article has."""
    topic = TOPICS[number % len(TOPICS)]
    return (
        f"样例镇的{topic}今年迎来第一批访客，来的人比去年更早，也停留得更久，镇上为此添了路牌和座椅，编号是{number}。",
        f"管理{topic}的样例合作社说，他们把三年来的笔记整理成册，放在入口处供人翻看，已经有{number}个班级来抄写过。",
        f"到了傍晚，{topic}旁的灯依次亮起，最后离开的一位老人说，他明年还会从{number}里外赶来，再看一次同样的黄昏。",
    )


def story(number, above=(), below=(), **fields):
    """An article: lines above, three paragraphs of its own, lines below."""
    texts = (*above, *paragraphs(number), *below)
    blocks = tuple(text if isinstance(text, Block) else Block("paragraph", text, text) for text in texts)
    return make_article(number, blocks=blocks, published=None, **fields)


def drafts_of(*articles, least=3):
    return {draft.name: draft for draft in draft_rules(group_by_publisher(articles), BOOK, least)}


def learned(*articles, where=None):
    """Texts learned of the one publisher."""
    draft = drafts_of(*articles).get("乌镇样报")
    return [line.texts[0] for line in draft.lines if where in (None, line.where)] if draft else []


# What is learned


def test_a_line_that_closes_every_article_is_learned():
    articles = [story(number, below=["水乡样报读者会每周三晚七点在老茶馆见面"]) for number in range(4)]
    assert learned(*articles) == ["水乡样报读者会每周三晚七点在老茶馆见面"]


def test_lines_that_open_every_article_are_learned_of_the_head():
    articles = [story(number, above=["点开上面的小船就能上岸", "水乡样报与你每天相见"]) for number in range(4)]
    assert set(learned(*articles, where="head")) == {"点开上面的小船就能上岸", "水乡样报与你每天相见"}


def test_width_case_and_blanks_do_not_keep_lines_apart():
    spelt = ["加入 WATER 读者会请留言", "加入ｗａｔｅｒ读者会请留言", "加入 water 读者会 请留言"]
    articles = [story(number, below=[text]) for number, text in enumerate(spelt)]
    (line,) = drafts_of(*articles)["乌镇样报"].lines
    assert line.units == 3
    assert not line.varies


def test_numbers_dates_and_issues_leave_a_slot():
    below = [
        "水乡样报第十二期，2024年11月3日印行",
        "水乡样报第十三期，2024年12月18日印行",
        "水乡样报第七期，2023年1月9日印行",
    ]
    articles = [story(number, below=[text]) for number, text in enumerate(below)]
    (rule,) = to_rule_file(drafts_of(*articles)["乌镇样报"]).rules
    assert rule.pattern.search("水乡样报第二十期，2025年6月30日印行")
    assert not rule.pattern.search("水乡样报第二十期，2025年6月30日印行，记者到了现场")


def test_a_full_paragraph_at_the_end_of_most_articles_is_learned():
    about = "水乡样报读者会成立于样例年间，是一个由老读者自发组织的团体，每周在茶馆里读报，也为新来的人讲解镇上的路。"
    articles = [story(number, below=[about]) for number in range(5)]
    assert learned(*articles) == [about]


def test_a_run_of_lines_is_learned_whole():
    below = ["把小镇带回家", "向左划三下有惊喜", "船票请到南门窗口领"]
    articles = [story(number, below=below) for number in range(3)]
    assert set(learned(*articles)) == set(below)


def test_what_many_publishers_print_is_drafted_as_shared():
    articles = [story(number, below=["把这一页折成小船寄给朋友"], publisher=f"样报{number}") for number in range(4)]
    shared = drafts_of(*articles)[""]
    assert [line.texts[0] for line in shared.lines] == ["把这一页折成小船寄给朋友"]
    assert to_rule_file(shared).group == "generic"


# What is never learned


@pytest.mark.parametrize(
    "line",
    [
        "样例社水乡11月8日电（记者甲样）",
        "本报水乡专电",
        "“这座桥属于每一个走过它的人。”",
        "编辑：甲样",
        "来源：示例晚报",
        "审核丨乙样 丙样",
        "https://example.org/guide/index.html",
        "一、会场之外",
        "相关背景：",
        "完",
    ],
)
def test_datelines_quotations_credits_and_headings_are_not(line):
    articles = [story(number, above=[line], below=[line]) for number in range(5)]
    assert learned(*articles, where="head") == []
    if not line.endswith("：") and not line.startswith("一、"):
        assert learned(*articles, where="tail") == []


def test_a_name_that_is_credited_is_not():
    byline = (Credit("甲样乙样", "reporter"),)
    assert learned(*(story(number, below=["甲样乙样"], byline=byline) for number in range(4))) == []


def test_a_paragraph_inside_of_the_body_is_not_however_often_it_stands_there():
    statement = "样例镇公所当天发布声明，称将在三个月内完成修缮，期间居民可以从北岸的木桥通行，船只按原时刻开行。"
    articles = []
    for number in range(6):
        first, *rest = paragraphs(number)
        texts = (first, statement, *rest)
        articles.append(make_article(number, blocks=tuple(Block("paragraph", text, text) for text in texts)))
    assert learned(*articles) == []


def test_a_heading_of_a_part_of_the_story_is_not():
    def sectioned(number):
        first, second, third = paragraphs(number)
        blocks = [Block("paragraph", first, first), Block("paragraph", "修缮经过与花费", "修缮经过与花费")]
        return make_article(number, blocks=(*blocks, *(Block("paragraph", text, text) for text in (second, third))))

    assert learned(*map(sectioned, range(6))) == []


def test_a_line_that_leads_to_what_differs_is_not():
    articles = [story(number, below=["本次普查的三条结论", f"结论在{TOPICS[number]}一节"]) for number in range(5)]
    assert learned(*articles) == []


def test_a_closing_sentence_of_a_few_articles_is_not():
    articles = [story(number, below=["论坛将于明天闭幕。"] if number < 3 else []) for number in range(9)]
    assert learned(*articles) == []


def test_copies_of_one_text_count_once():
    articles = [story(1, below=["水乡样报读者会每周见面"], path=f"{copy}.md") for copy in range(5)]
    assert len(distinct(articles)) == 1
    assert learned(*articles) == []


def test_stubs_teach_nothing():
    articles = [story(number, below=["水乡样报读者会每周见面"], kind="stub") for number in range(5)]
    assert learned(*articles) == []


def test_fewer_articles_than_asked_for_teach_nothing():
    articles = [story(number, below=["水乡样报读者会每周见面"]) for number in range(4)]
    assert drafts_of(*articles, least=5) == {}
    assert drafts_of(*articles, least=4) != {}


# The rule file


@pytest.fixture
def draft():
    below = ["水乡样报读者会每周三晚七点在老茶馆见面", "<船>与“灯”: 订阅 # 水乡"]
    articles = [
        story(number, above=[f"水乡样报 第{number}期的封面"], below=below, url=f"https://town.example.org/{number}")
        for number in range(2, 6)
    ]
    return drafts_of(*articles)["乌镇样报"]


def test_a_draft_is_a_valid_rule_file_of_its_publisher(draft):
    file = parse_rules(to_yaml(draft), "publishers", draft.key)
    assert file.name == "乌镇样报"
    assert file.match == {"host": ("town.example.org",)}
    assert [rule.id.split("/")[1] for rule in file.rules] == ["learned-head-form-1", "learned-tail"]
    assert all(rule.why and rule.removes and rule.keeps for rule in file.rules)


def test_every_learned_rule_takes_its_examples_and_leaves_what_it_must(draft):
    file = to_rule_file(draft)
    body = [Block("paragraph", text) for text in paragraphs(9)]
    for rule in file.rules:
        for example, goes in ((rule.removes[0], True), (rule.keeps[0], False)):
            line = Block("paragraph", example.text)
            cleaned = clean([line, *body] if rule.where == "head" else [*body, line], [file], "markdown", {})
            assert [block.text for block in cleaned.removed] == ([example.text] if goes else [])


def test_the_rules_of_a_draft_take_every_line_they_were_learned_from(draft):
    file = to_rule_file(draft)
    for number in range(2, 6):
        lines = [f"水乡样报 第{number}期的封面", *paragraphs(number), "<船>与“灯”: 订阅 # 水乡"]
        cleaned = clean([Block("paragraph", text) for text in lines], [file], "markdown", {})
        assert [block.text for block in cleaned.kept] == list(paragraphs(number))


def test_the_evidence_stands_beside_each_line(draft):
    text = to_yaml(draft)
    assert "# 4 of 4 articles; 4 × line 1 from the end" in text
    assert "# 4 of 4 articles; 4 × line 2 from the end" in text
    assert text.count("000000000002.md") == 3
    assert "000000000002.md: 水乡样报 第2期的封面" in text


# The command


@pytest.fixture
def root(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    files = {
        f"{number}.md": f"---\ntitle: 样文{number}\nsource: 乌镇样报\n---\n\n"
        + "\n\n".join((*paragraphs(number), "水乡样报读者会每周三晚七点在老茶馆见面"))
        for number in range(4)
    }
    return make_folder(tmp_path, {**files, "other.md": f"---\ntitle: 别的\nsource: 示例晚报\n---\n\n{STORY}"})


def drafts_in(folder):
    return sorted(Path(folder).glob("*.yaml"))


def test_learn_writes_a_draft_that_no_build_applies(root, capsys):
    assert main(["learn", "-q"]) == 0
    (file,) = drafts_in(root / "drafts")
    told = capsys.readouterr().out
    assert "1 lines in 4 articles of 乌镇样报" in told
    assert told.splitlines()[-1] == "drafted 1 rule files from 5 files of 1 publishers"
    assert file.read_text("utf-8").startswith("# Drafted by newsarchive learn; not reviewed. ")
    assert main(["explain", "content/0.md"]) == 0
    assert "learned-tail" not in capsys.readouterr().out


def test_a_draft_moved_among_the_rules_takes_its_lines(root, capsys):
    assert main(["learn", "-q"]) == 0
    (file,) = drafts_in(root / "drafts")
    (root / "rules/publishers").mkdir(parents=True)
    file.rename(root / "rules/publishers" / file.name)
    capsys.readouterr()
    assert main(["explain", "content/0.md"]) == 0
    assert f"{file.stem}/learned-tail" in capsys.readouterr().out
    assert main(["learn", "-q"]) == 0
    assert drafts_in(root / "drafts") == []


def test_learning_twice_writes_the_same_and_leaves_an_edited_draft(root, capsys):
    assert main(["learn", "-q"]) == 0
    (file,) = drafts_in(root / "drafts")
    first = file.read_bytes()
    assert main(["learn", "-q"]) == 0
    assert file.read_bytes() == first
    file.write_text(file.read_text("utf-8").replace("learned-tail", "readers"), "utf-8")
    capsys.readouterr()
    assert main(["learn", "-q"]) == 0
    told = capsys.readouterr().out
    assert "left as it is: it was edited" in told
    assert told.splitlines()[-1].startswith("drafted 0 rule files")
    assert "id: readers" in file.read_text("utf-8")


def test_one_publisher_can_be_asked_for(root, capsys):
    assert main(["learn", "-q", "--publisher", "乌镇 样报", "--output", "mine", "--min-articles", "2"]) == 0
    assert len(drafts_in(root / "mine")) == 1
    assert main(["learn", "-q", "--publisher", "无名样报"]) == 2
    assert "--publisher: nothing was published by '无名样报'; " in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "place"),
    [
        (["--min-articles", "1"], "--min-articles: is 1; "),
        (["--output", "rules/publishers"], "rules/publishers: lies among the rules"),
        (["--output", "content/drafts"], "content/drafts: lies in a content folder"),
        (["--content", "nowhere"], "nowhere"),
    ],
)
def test_what_cannot_be_done_is_told_with_place_and_remedy(root, capsys, options, place):
    assert main(["learn", "-q", *options]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert place in told.err
    assert not (root / "drafts").exists()
