"""Pages of print in layouts of several papers: paragraphs go to their story, and what is doubtful is flagged."""

from collections import Counter

import pytest

from factory import make_document
from newsarchive.markup import parse_document
from newsarchive.splitter import split
from test_splitter import BRIDGE, ESSAY, LIBRARY

RIGHT = 0.95
"""Share of a page's lines that must stand with the headline they were printed under."""

FERRY = (
    "南湾渡口的新渡船今天试水，船身漆成白色，能载四十辆自行车，船头装了一盏雾灯，起雾的早晨也能开。",
    "渡船公司说，新船烧的是电，一次充电能来回渡十二趟。老渡船要留在岸边，改成候船的屋子，船票还是两块钱。",
    "老船长开了三十年渡船，试水的时候站在岸上看。他说电船没有声音，江面静得让他听见了自己的钥匙响。",
    "渡口今后每天早上五点半开头班船，末班船开到夜里十点，雾大的时候由老船长上船领航。",
)
SCHOOL = (
    "山坳小学昨天上了第一堂远程音乐课，城里的老师在屏幕上弹琴，十一个学生跟着唱，歌声慢了半拍。",
    "小学只有两位老师，都不会弹琴。校长说，音乐课停了六年，乐谱一直锁在办公室的柜子里，学生没有见过五线谱。",
    "远程音乐课用的琴是收来的旧琴，调音师爬了两个钟头的山路，把走音的十七个键一个一个校准。",
    "下个学期，学生要在屏幕前开一场音乐会，请山外的老师和家长一起听，校长说唱走了调也不要紧。",
)
SALT = (
    "海边的盐田今年出盐四百吨，比去年多一成。晒盐的人说，秋天的风干，卤水三天就结晶，盐粒又白又脆。",
    "盐田分成九十格，一格一格放卤水。工人赤脚踩在格子里推盐，推盐的木耙传了三代，齿都磨圆了。",
    "盐商今年加了价，一吨盐比去年多卖六十块。晒盐的人把多出来的钱修了水闸，潮水大的时候不用再半夜起来堵口。",
    "盐田旁边要建一座盐的博物馆，旧木耙和旧账本都放进去，账本里记着每一年的晴天和雨天。",
)


def story(owner, *lines):
    return [(owner, line) for line in lines]


PAGES = {
    "jump lines": [
        *story(0, "第4版 要闻 2024年11月9日"),
        *story(1, "老桥通了新水尺", "本报桥头样镇11月8日电（记者 甲样）" + BRIDGE[0], *BRIDGE[1:3], "（下转第7版）"),
        *story(2, "夜里也能还的书", "本报讯（记者 乙样）" + LIBRARY[0], *LIBRARY[1:]),
        *story(3, "（上接第1版）", *FERRY),
        *story(4, "一堂慢半拍的课", "本报山坳11月8日电（通讯员 丁样）" + SCHOOL[0], *SCHOOL[1:]),
    ],
    "captions and a box": [
        *story(1, "盐田丰收的秋天", "本报海边样镇11月8日电（记者 丙样）" + SALT[0], SALT[1]),
        *story(1, "11月7日，工人在盐田里推盐。", "本报记者 丙样 摄", *SALT[2:]),
        *story(2, "电船第一次过江", "本报南湾11月8日电（记者 戊样）" + FERRY[0], *FERRY[1:]),
        *story(2, "新闻链接", "渡口头班船：早上五点半", "渡口末班船：夜里十点", "渡船票价：两块钱"),
        *story(3, "桥下的水道没有关", "本报桥头样镇11月8日电（记者 甲样）" + BRIDGE[0], *BRIDGE[1:]),
    ],
    "an editorial": [
        *story(1, "山坳里有了音乐课", "本报山坳11月8日电（记者 丁样）" + SCHOOL[0], *SCHOOL[1:]),
        *story(2, "本报评论员", "手艺急不得", *ESSAY),
        *story(3, "借书机住进了码头", "本报讯（记者 乙样）" + LIBRARY[0], *LIBRARY[1:]),
    ],
    "datelines of several agencies": [
        *story(1, "盐价每吨多了六十块", "样新社海边11月8日电（记者丙样）" + SALT[0], *SALT[1:3]),
        *story(2, "白色渡船试水", "样通社南湾11月8日电" + FERRY[0], *FERRY[1:3]),
        *story(3, "石拱桥开通", "样新社桥头11月8日电（记者甲样、乙样）" + BRIDGE[0], *BRIDGE[1:3]),
        *story(4, "远程课堂", "据样例日报消息，" + SCHOOL[0], *SCHOOL[1:3]),
        *story(5, "码头上的铁柜先生", "样例晚报讯" + LIBRARY[0], *LIBRARY[1:3]),
    ],
    "bylines and no datelines": [
        *story(1, "渡口来了不响的船", "□ 本报记者 戊样", *FERRY),
        *story(2, "九十格盐田", "□ 本报记者 丙样 通讯员 庚样", *SALT),
        *story(3, "走音的十七个键", "□ 丁样", *SCHOOL),
    ],
    "no datelines at all": [
        *story(1, "渡口来了不响的船", *FERRY, "（戊样）"),
        *story(2, "九十格盐田", *SALT, "（丙样）"),
        *story(3, "走音的十七个键", *SCHOOL, "（丁样）"),
    ],
}


@pytest.mark.parametrize("name", PAGES)
def test_the_lines_of_a_page_go_to_their_stories(name):
    lines = PAGES[name]
    owners = {line: owner for owner, line in lines}
    body = "\n".join(line for _, line in lines) + "\n"
    document = make_document(body, "text", "20241109-04.txt")
    stories = split(parse_document(document, {}).blocks, document)
    right, strayed = 0, []
    for each in stories:
        told = Counter(owners[block.text] for block in each.blocks)
        main = told.most_common(1)[0][0]
        right += told[main] + told[0] * (main != 0)
        strayed += [block.text for block in each.blocks if owners[block.text] not in (main, 0) and not each.uncertain]
    assert strayed == []
    assert right >= RIGHT * len(lines) or all(each.uncertain for each in stories)
