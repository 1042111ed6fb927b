/* The search page: reads the index that the build wrote under search/, file by file as a query needs them, and shows
   what it finds. Everything that readers read comes from the page; texts reach the page as text, never as markup. */
"use strict";

(function () {
  const { load, prepare, fold, isWord, parse, places, allPlaces } = window.newsarchive;
  const page = JSON.parse(document.getElementById("search").textContent);
  const words = page.words;
  const TAKEN = 20; // hits on a page
  const FEW = 60; // articles that the concordance reads at once, so that it can tell how many places there are
  const CONTEXT = 60; // characters on each side of a hit in the concordance
  const EXCERPT = 84; // characters of an excerpt
  const LISTED = 8; // rows of a facet shown before the rest
  const FACETS = ["year", "edition", "publisher", "outlet", "platform"];
  const UNKNOWN = { year: words.noYear, edition: words.noEdition, publisher: words.noPublisher, outlet: words.noOutlet };
  const names = {
    edition: new Map(Array.from(document.querySelectorAll("#editions")[0].content.querySelectorAll("data"), (data) => [data.value, data.textContent])),
    platform: new Map(Object.entries(page.platforms)),
  };
  const parts = {};
  for (const name of ["results", "facets", "trend", "warning", "hits", "pager", "otherwise"]) {
    parts[name] = document.querySelector("main ." + name);
  }
  parts.form = document.querySelector("main form");
  parts.input = parts.form.elements.q;
  parts.status = document.querySelector(".found [role=status]");
  parts.views = document.querySelector(".found header nav");
  const title = document.title;
  const segments = page.segments.map(([folder, first, last]) => ({ folder, name: nameOf(first, last) }));
  const opened = new Map();
  let running = 0;
  let gathered;

  /* --- words and elements --- */

  function say(text, values) {
    return text.replace(/\{(\w+)\}/g, (_, name) => (typeof values[name] === "number" ? values[name].toLocaleString("en") : values[name]));
  }

  function nameOf(first, last) {
    const one = (period) => (period === "undated" ? words.undated : period);
    if (first !== last) return say(words.span, { first: one(first), last });
    return first === "undated" ? words.undated : say(words.period, { name: first });
  }

  function make(name, attributes = {}, ...children) {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) {
      if (value !== undefined && value !== false) element.setAttribute(key, value === true ? "" : value);
    }
    element.append(...children);
    return element;
  }

  function drawing(name, attributes, ...children) {
    const element = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    element.append(...children);
    return element;
  }

  /* --- state: what is asked for, kept in the address --- */

  function stateOf(address) {
    const given = new URLSearchParams(address);
    const filters = {};
    for (const facet of FACETS) {
      if (given.has(facet)) filters[facet] = given.get(facet);
    }
    const view = ["lines", "date"].includes(given.get("view")) ? given.get("view") : "";
    return { q: (given.get("q") ?? "").trim(), filters, view, page: Math.max(1, Number.parseInt(given.get("page"), 10) || 1) };
  }

  function addressOf(state) {
    const given = new URLSearchParams({ q: state.q });
    for (const [facet, value] of Object.entries(state.filters)) given.set(facet, value);
    if (state.view) given.set("view", state.view);
    if (state.page > 1) given.set("page", state.page);
    return "?" + given;
  }

  function linkTo(state, text, attributes = {}) {
    return make("a", { href: addressOf(state), ...attributes }, text);
  }

  function withFilter(state, facet, value) {
    const filters = { ...state.filters };
    if (value === undefined || filters[facet] === value) delete filters[facet];
    else filters[facet] = value;
    return { ...state, filters, page: 1 };
  }

  function go(address, moved) {
    try {
      history.pushState(null, "", address);
    } catch {
      location.assign(address); // a browser that lets no page from disk change its address
      return;
    }
    show(moved);
  }

  /* --- the index --- */

  /* Order of code points, in which the build sorted; strings themselves compare by units of UTF-16. */
  function compare(a, b) {
    const length = Math.min(a.length, b.length);
    for (let at = 0; at < length; at += 1) {
      if (a[at] !== b[at]) return a.codePointAt(at) - b.codePointAt(at);
    }
    return a.length - b.length;
  }

  /* Number of the last file that begins at or before a term. */
  function fileOf(firsts, wanted, before) {
    let low = -1;
    let high = firsts.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (before(firsts[middle], wanted)) low = middle;
      else high = middle;
    }
    return low;
  }

  const FINAL = new Map(Array.from("#$%()*+,-./0123456789;=?@ABCDEFGHIJKLMNOPQR", (character, number) => [character, number]));
  const MORE = new Map(Array.from("STUVWXYZ[]^_`abcdefghijklmnopqrstuvwxyz{|}~", (character, number) => [character, number]));
  const HELD = 1;
  const TITLED = 2;

  function decode(data, start, marks) {
    let last = -1;
    let high = 0;
    let more = [];
    for (let at = start; at < data.length; at += 1) {
      const character = data[at];
      if (character === " ") return;
      if (character === "!") marks[last] |= TITLED;
      else if (MORE.has(character)) more.push(MORE.get(character));
      else {
        high = FINAL.get(character);
        for (let digit = more.length - 1; digit >= 0; digit -= 1) high = high * 43 + more[digit];
        more = [];
        last += high + 1;
        marks[last] |= HELD;
      }
    }
  }

  /* Which articles of a segment hold what one lookup asks for. */
  async function marksOf(segment, need) {
    const { main, folder } = segment;
    const marks = new Uint8Array(main.count);
    const open = need.words || need.pairs;
    const first = Math.max(0, fileOf(main.index, need.term, (a, b) => compare(a, b) <= 0));
    let last = first;
    while (open && last + 1 < main.index.length && main.index[last + 1].startsWith(need.term)) last += 1;
    const files = [];
    for (let number = first; number <= last && main.index.length; number += 1) files.push(load(`${folder}/i${number}`));
    for (const data of await Promise.all(files)) {
      if (open) {
        for (let at = 0; at >= 0; at = data.indexOf(" ", at) + 1 || -1) {
          if (!data.startsWith(need.term, at)) continue;
          const end = data.indexOf(":", at);
          if (need.pairs || isWord(data[end - 1])) decode(data, end + 1, marks);
        }
      } else {
        const key = need.term + ":";
        const at = data.startsWith(key) ? 0 : data.indexOf(" " + key) + 1 || -1;
        if (at >= 0) decode(data, at + key.length, marks);
      }
    }
    return marks;
  }

  async function heldBy(segment, word) {
    const every = await Promise.all(word.needs.map((need) => marksOf(segment, need)));
    const [marks, ...others] = every;
    for (const other of others) {
      for (let id = 0; id < marks.length; id += 1) marks[id] &= other[id];
    }
    return marks;
  }

  async function ready(segment) {
    if (segment.main) return;
    segment.main = await load(`${segment.folder}/main`);
  }

  async function found(segment, query) {
    await ready(segment);
    const wanted = await Promise.all(query.words.map((word) => heldBy(segment, word)));
    const unwanted = await Promise.all(query.without.map((word) => heldBy(segment, word)));
    const candidates = [];
    for (let id = segment.main.count - 1; id >= 0; id -= 1) {
      if (!wanted.every((marks) => marks[id] & HELD)) continue;
      const doubts = query.without.filter((_, number) => unwanted[number][id] & HELD);
      if (doubts.some((word) => word.certain)) continue;
      const titled = wanted.every((marks) => marks[id] & TITLED);
      candidates.push({ segment, id, titled, doubts, checked: undefined });
    }
    return candidates;
  }

  /* Everything that the index finds for a query, newest first, and the segments that could not be read. */
  async function gather(q) {
    if (gathered?.q === q) return gathered;
    const query = parse(q);
    const missing = [];
    const each = await Promise.all(
      segments.map(async (segment) => {
        try {
          return query.words.length ? await found(segment, query) : [];
        } catch (error) {
          missing.push({ segment, file: error.message, text: words.missing });
          return [];
        }
      }),
    );
    const outcome = { q, query, missing, all: each.reverse().flat() };
    if (!missing.length) gathered = outcome;
    return outcome;
  }

  /* --- facets --- */

  function yearOf({ segment, id }) {
    const { years } = segment.main;
    const at = fileOf(years, id, ([, first], wanted) => first <= wanted);
    return String(years[at][0] || "");
  }

  function valuesOf(candidate, facet) {
    if (facet === "year") return [yearOf(candidate)];
    const column = candidate.segment.facets[facet];
    const numbers = column.of[candidate.id];
    return Array.isArray(numbers) ? numbers.map((number) => column.names[number]) : [column.names[numbers]];
  }

  function fits(candidate, filters, except) {
    return Object.entries(filters).every(([facet, value]) => facet === except || valuesOf(candidate, facet).includes(value));
  }

  /* Load the facets of the segments that hold candidates; those that fail are told, in words that say of what, and lose
     their candidates. */
  async function withFacets(outcome, text) {
    const needed = [...new Set(outcome.all.map(({ segment }) => segment))].filter(({ facets }) => !facets);
    await Promise.all(
      needed.map(async (segment) => {
        try {
          segment.facets = await load(`${segment.folder}/facets`);
        } catch (error) {
          outcome.missing.push({ segment, file: error.message, text });
          outcome.all = outcome.all.filter((candidate) => candidate.segment !== segment);
          gathered = undefined;
        }
      }),
    );
  }

  function counted(outcome, state, facet) {
    const counts = new Map();
    for (const candidate of outcome.all) {
      if (!fits(candidate, state.filters, facet)) continue;
      for (const value of valuesOf(candidate, facet)) counts.set(value, (counts.get(value) ?? 0) + 1);
    }
    return counts;
  }

  function labelOf(facet, value) {
    if (!value) return UNKNOWN[facet] ?? value;
    if (facet === "year") return say(words.yearName, { name: value });
    return names[facet]?.get(value) ?? value;
  }

  function orderOf(facet, counts) {
    const rows = [...counts];
    if (facet === "year") return rows.sort(([a], [b]) => Number(b) - Number(a));
    if (facet === "edition") {
      const order = [...names.edition.keys(), ""];
      return rows.sort(([a], [b]) => order.indexOf(a) - order.indexOf(b));
    }
    return rows.sort(([a, one], [b, two]) => (a === "") - (b === "") || two - one || compare(a, b));
  }

  function facetOf(outcome, state, facet) {
    const counts = counted(outcome, state, facet);
    const chosen = state.filters[facet];
    if (chosen !== undefined && !counts.has(chosen)) counts.set(chosen, 0);
    if (counts.size < 2 && chosen === undefined) return "";
    const rows = orderOf(facet, counts).map(([value, count]) => {
      const current = value === chosen;
      const link = linkTo(withFilter(state, facet, value), labelOf(facet, value), { "aria-current": current && "true" });
      return make("li", {}, link, " ", make("span", {}, count.toLocaleString("en")));
    });
    const box = make("details", {}, make("summary", {}, words[facet]), make("ul", {}, ...rows.slice(0, LISTED)));
    box.open = opened.get(facet) ?? matchMedia("(min-width: 1200px)").matches;
    box.addEventListener("toggle", () => opened.set(facet, box.open));
    if (rows.length > LISTED) {
      const rest = make("details", {}, make("summary", {}, say(words.rest, { n: rows.length - LISTED })), make("ul", {}, ...rows.slice(LISTED)));
      rest.open = rows.slice(LISTED).some((row) => row.querySelector("[aria-current]"));
      box.append(rest);
    }
    return box;
  }

  /* --- the texts --- */

  function textFile({ segment, id }) {
    const number = fileOf(segment.main.texts, id, (first, wanted) => first <= wanted);
    return { key: `${segment.folder}/t${number}`, at: id - segment.main.texts[number] };
  }

  /* Read the text of a candidate and find the words in it; title and text are one string, so that hits count through. */
  async function check(candidate, query) {
    if (candidate.checked) return candidate.checked;
    const { key, at } = textFile(candidate);
    let record;
    try {
      record = (await load(key))[at];
    } catch (error) {
      return { unread: error.message, hits: [], whole: true, kept: true };
    }
    const [address, name, published, publisher, outlet, lang, body] = record;
    const text = `${name}\n${body}`;
    const folded = fold(text);
    const holds = (word) => places(word, folded).length > 0;
    const absent = query.words.filter((word) => !holds(word));
    candidate.checked = {
      address, name, published, publisher, outlet, lang, text,
      hits: allPlaces(query.words, folded),
      whole: !absent.length,
      kept: !absent.some((word) => word.exact) && !candidate.doubts.some(holds),
    };
    return candidate.checked;
  }

  /* Read candidates in their order until enough is known; gives those that hold, and whether all were read. */
  async function scan(list, query, isEnough, isStale) {
    const read = [];
    let done = 0;
    while (done < list.length && !isEnough(read) && !isStale()) {
      const batch = list.slice(done, done + TAKEN);
      if (done) tell(say(words.reading, { done, n: list.length }));
      read.push(...(await Promise.all(batch.map((candidate) => check(candidate, query)))).filter(({ kept }) => kept));
      done += batch.length;
    }
    return { read, done, complete: done >= list.length };
  }

  /* --- showing --- */

  function tell(...pieces) {
    parts.status.replaceChildren(...pieces);
  }

  function marked(text, hits, start, end) {
    const pieces = [];
    let at = start;
    for (const [from, to] of hits) {
      if (to <= start || from >= end) continue;
      pieces.push(text.slice(at, Math.max(at, from)), make("mark", {}, text.slice(Math.max(start, from), Math.min(end, to))));
      at = Math.min(end, to);
    }
    return [...pieces, text.slice(at, end)];
  }

  /* A place where a text may be cut: not within a character of two units of UTF-16. */
  function cutAt(text, place) {
    return /[\udc00-\udfff]/.test(text[place] ?? "") ? place - 1 : place;
  }

  /* Stretches of a text that hold its hits, each begun where a sentence begins if one does nearby. */
  function stretches(text, start, hits) {
    const inside = hits.filter(([from]) => from >= start);
    if (!inside.length) return [[start, cutAt(text, Math.min(text.length, start + EXCERPT))]];
    const found = [];
    let left = EXCERPT;
    for (const [from, to] of inside) {
      if (found.length && to <= found.at(-1)[1]) continue;
      if (left <= 0) break;
      const before = text.slice(Math.max(start, from - 28), from);
      const begin = cutAt(text, from - before.length + Math.max(before.search(/[。！？；\n][^。！？；\n]*$/) + 1, 0));
      const wide = found.length ? left : Math.min(EXCERPT, inside.length > 1 ? 56 : EXCERPT);
      const end = cutAt(text, Math.min(text.length, Math.max(to + 12, begin + wide)));
      if (found.length && begin <= found.at(-1)[1]) found.at(-1)[1] = end;
      else found.push([begin, end]);
      left = EXCERPT - found.reduce((sum, [one, other]) => sum + other - one, 0);
    }
    return found;
  }

  function excerptOf({ name, text, hits }) {
    const start = name.length + 1;
    const pieces = stretches(text, start, hits).flatMap(([from, to], number, all) => [
      number || (from > start && !/[。！？；\n]/.test(text[from - 1])) ? "……" : "",
      ...marked(text, hits, from, to),
      number === all.length - 1 && to < text.length && !/[。！？\n]/.test(text[to - 1]) ? "……" : "",
    ]);
    return pieces.map((piece) => (typeof piece === "string" ? piece.replace(/\n/g, " ") : piece));
  }

  /* Address of an article or of one hit in it; without the query, the article would mark no hit. */
  function addressOfHit({ q }, hit, number) {
    return `${hit.address}?q=${encodeURIComponent(q)}${number === undefined ? "" : `#hit-${number + 1}`}`;
  }

  function articleLink(state, hit, number, ...children) {
    return make("a", { href: addressOfHit(state, hit, number) }, ...children);
  }

  function entryOf(state, hit) {
    if (hit.unread) return make("li", { class: "entry" }, make("p", { class: "evidence" }, say(words.unread, { file: hit.unread })));
    const name = hit.name ? marked(hit.text, hit.hits, 0, hit.name.length) : [words.untitled];
    const line = make("p", { class: "line" });
    const facts = [hit.published || words.undated, hit.publisher || words.noPublisher, hit.outlet && say(words.firstOn, { name: hit.outlet })];
    for (const fact of facts.filter(Boolean)) line.append(make("span", {}, fact), " ");
    if (!hit.whole) line.append(make("span", { class: "evidence" }, words.scattered));
    const lang = hit.lang || undefined;
    const head = make("h2", { lang }, articleLink(state, hit, undefined, ...name));
    return make("li", { class: "entry" }, head, line, make("p", { class: "excerpt", lang }, ...excerptOf(hit)));
  }

  /* One line of the concordance for each hit. */
  function linesOf(read) {
    return read.flatMap((hit) =>
      hit.hits.map(([from, to], number) => {
        const begin = hit.text.lastIndexOf("\n", from - 1) + 1;
        const end = hit.text.indexOf("\n", to);
        return {
          hit, number,
          left: hit.text.slice(cutAt(hit.text, Math.max(begin, from - CONTEXT)), from),
          middle: hit.text.slice(from, to),
          right: hit.text.slice(to, cutAt(hit.text, Math.min(end < 0 ? hit.text.length : end, to + CONTEXT))),
        };
      }),
    );
  }

  function lineOf(state, { hit, number, left, middle, right }) {
    const where = articleLink(state, hit, number, `${hit.published || words.undated} ${hit.publisher || words.noPublisher}`);
    const text = make("p", { lang: hit.lang || undefined }, make("span", {}, left), make("mark", {}, middle), make("span", {}, right));
    return make("li", {}, where, text);
  }

  function showTrend(outcome, state) {
    const totals = new Map();
    for (const { main } of segments) {
      main?.years.forEach(([year, first], number, all) => {
        if (year) totals.set(year, (totals.get(year) ?? 0) + (all[number + 1]?.[1] ?? main.count) - first);
      });
    }
    const years = [...totals.keys()].sort((a, b) => a - b);
    parts.trend.hidden = state.view === "lines" || years.length < 2 || !outcome.all.length;
    if (parts.trend.hidden) return;
    const counts = counted(outcome, state, "year");
    const most = Math.max(1, ...years.map((year) => counts.get(String(year)) ?? 0));
    const bars = [];
    for (let year = years[0]; year <= years.at(-1); year += 1) {
      const n = counts.get(String(year)) ?? 0;
      const all = totals.get(year) ?? 0;
      const tall = n ? Math.max(2, Math.round((100 * n) / most)) : 0;
      const bar = drawing("svg", { viewBox: "0 0 100 100", preserveAspectRatio: "none", "aria-hidden": "true" });
      if (n) bar.append(drawing("rect", { class: n === most ? "most" : "some", x: 0, y: 100 - tall, width: 100, height: tall }));
      const label = say(words.share, { year: String(year), n, all, percent: all ? ((100 * n) / all).toFixed(1) : "0" });
      const name = make("span", {}, make("span", { class: "century" }, String(year).slice(0, 2)), String(year).slice(2));
      const link = n ? linkTo(withFilter(state, "year", String(year)), name, { "aria-current": state.filters.year === String(year) && "true" }) : name;
      bars.push(make("li", { class: n ? undefined : "none", title: label }, make("b", {}, n ? n.toLocaleString("en") : ""), bar, link));
    }
    const caption = say(words.trend, { first: String(years[0]), last: String(years.at(-1)) });
    parts.trend.replaceChildren(make("figcaption", {}, caption), make("ol", { class: "bars" }, ...bars));
  }

  function showViews(state) {
    const links = [["", words.articles], ["lines", words.lines], ["date", words.dated]].map(([view, name]) =>
      linkTo({ ...state, view, page: 1 }, name, { "aria-current": state.view === view && "true" }),
    );
    parts.views.replaceChildren(...links);
  }

  function limits(state) {
    const chosen = Object.entries(state.filters).map(([facet, value]) => labelOf(facet, value));
    if (!chosen.length) return [];
    return [words.limited, chosen.join("、"), " ", linkTo({ ...state, filters: {}, page: 1 }, words.undo)];
  }

  function showPager(state, pages, more, extra) {
    const { page: number } = state;
    const links = [...extra];
    if (number > 1) links.push(linkTo({ ...state, page: number - 1 }, words.previous, { rel: "prev" }));
    if (more > 0) {
      const text = say(state.view === "lines" ? words.nextLines : words.nextArticles, { n: Math.min(more, TAKEN) });
      links.push(linkTo({ ...state, page: number + 1 }, text, { rel: "next" }));
    }
    parts.pager.hidden = !links.length;
    const place = pages ? say(words.pageOf, { page: number, pages }) : say(words.page, { page: number });
    parts.pager.replaceChildren(make("p", {}, place), make("p", {}, ...links.flatMap((link) => [link, " "])));
  }

  function warn({ missing, unread }) {
    const told = [...missing.map(({ segment, file, text }) => say(text, { name: segment.name, file })), ...unread];
    parts.warning.hidden = !told.length;
    parts.warning.replaceChildren(...told.flatMap((line) => [line, make("br")]).slice(0, -1));
  }

  /* A line for each file of texts that did not come, since the concordance has no place to tell it in. */
  function unreadOf(read) {
    const counts = new Map();
    for (const { unread } of read) {
      if (unread) counts.set(unread, (counts.get(unread) ?? 0) + 1);
    }
    return [...counts].map(([file, n]) => say(words.unreadLines, { file, n }));
  }

  const isStrict = (query, list) => query.words.some((word) => word.exact && !word.certain) || list.some(({ doubts }) => doubts.length);

  /* The page asked for, or the last that there is. */
  const within = (number, total) => Math.min(number, Math.max(1, Math.ceil(total / TAKEN)));

  async function showArticles(outcome, state, list, isStale) {
    const { query } = outcome;
    let number = within(state.page, list.length);
    let from = (number - 1) * TAKEN;
    let read;
    let count;
    let total = list.length;
    let complete = total <= TAKEN;
    if (isStrict(query, list)) {
      const scanned = await scan(list, query, (held) => held.length > from + TAKEN, isStale);
      ({ complete } = scanned);
      if (complete) {
        total = scanned.read.length;
        number = within(number, total);
        from = (number - 1) * TAKEN;
      }
      count = complete ? say(words.found, { n: total }) : say(words.atMost, { n: total, done: scanned.done });
      read = scanned.read.slice(from, from + TAKEN);
      if (complete && total > TAKEN) complete = false;
    } else {
      read = await Promise.all(list.slice(from, from + TAKEN).map((candidate) => check(candidate, query)));
      count = say(words.found, { n: total });
    }
    if (isStale()) return;
    const ordered = [...read.filter(({ whole }) => whole), ...read.filter(({ whole }) => !whole)];
    const hits = read.reduce((sum, { hits: own }) => sum + own.length, 0);
    if (!total) tell(say(words.none, { q: state.q }), ...limits(state));
    else tell(count, complete ? say(words.places, { n: hits }) : "", ...limits(state));
    parts.hits.className = "hits";
    parts.hits.start = from + 1;
    parts.hits.replaceChildren(...ordered.map((hit) => entryOf(state, hit)));
    showPager({ ...state, page: number }, Math.ceil(total / TAKEN), total - from - TAKEN, []);
  }

  async function showLines(outcome, state, list, isStale) {
    const { query } = outcome;
    const reversed = [...list].reverse();
    const oldest = [...reversed.filter(yearOf), ...reversed.filter((candidate) => !yearOf(candidate))];
    const enough = (read) => list.length > FEW && linesOf(read).length > state.page * TAKEN;
    const { read, done, complete } = await scan(oldest, query, enough, isStale);
    if (isStale()) return;
    outcome.unread = unreadOf(read);
    warn(outcome);
    const lines = linesOf(read);
    const number = complete ? within(state.page, lines.length) : state.page;
    const from = (number - 1) * TAKEN;
    const articles = read.filter(({ hits }) => hits.length).length;
    if (!lines.length) tell(say(words.none, { q: state.q }), ...limits(state));
    else if (complete) tell(say(words.linesFound, { n: lines.length, articles }), ...limits(state));
    else tell(say(words.linesSoFar, { done, n: lines.length, articles: list.length }), ...limits(state));
    parts.hits.className = "hits lines";
    parts.hits.start = from + 1;
    parts.hits.replaceChildren(...lines.slice(from, from + TAKEN).map((line) => lineOf(state, line)));
    const download = make("button", { type: "button", class: "plain" }, words.csv);
    download.addEventListener("click", () => save(outcome, oldest, isStale, parts.status.cloneNode(true)));
    showPager({ ...state, page: number }, complete ? Math.ceil(lines.length / TAKEN) : 0, lines.length - from - TAKEN, lines.length ? [download] : []);
  }

  /* Hand over all lines as a table; a cell that a spreadsheet would run gets an apostrophe before it. */
  async function save(outcome, list, isStale, before) {
    const { read } = await scan(list, outcome.query, () => false, isStale);
    if (isStale()) return;
    outcome.unread = unreadOf(read);
    warn(outcome);
    const rows = linesOf(read).map(({ hit, number, left, middle, right }) => [
      hit.published, hit.name, hit.publisher, hit.outlet, left, middle, right, addressOfHit(outcome, hit, number),
    ]);
    const cell = (value) => `"${String(value).replace(/^[=+\-@\t\r\n＝＋－＠]/, "'$&").replace(/[;\t\r\n][\s"]*(?=[=+\-@＝＋－＠])/g, "$&'").replace(/"/g, '""')}"`;
    const table = [words.columns, ...rows].map((row) => row.map(cell).join(",")).join("\r\n");
    const file = new Blob(["\ufeff", table, "\r\n"], { type: "text/csv;charset=utf-8" });
    const link = make("a", { href: URL.createObjectURL(file), download: `${words.csvName}-${parts.input.value.trim().replace(/[\\/:*?"<>|\s]+/g, "-")}.csv` });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
    tell(...before.childNodes);
  }

  function byRelevance(list) {
    return [...list.filter(({ titled }) => titled), ...list.filter(({ titled }) => !titled)];
  }

  async function show(moved) {
    running += 1;
    delete document.documentElement.dataset.search;
    const mine = running;
    const isStale = () => mine !== running;
    const state = stateOf(location.search);
    parts.input.value = state.q;
    document.title = state.q ? `${state.q}｜${title}` : title;
    parts.results.hidden = !state.q;
    parts.otherwise.hidden = Boolean(state.q);
    if (!state.q) {
      document.documentElement.dataset.search = "done";
      return;
    }
    const slow = setTimeout(() => isStale() || tell(words.busy), 200);
    try {
      await Promise.all([prepare(page.folding), Promise.allSettled(segments.map(ready))]);
      const outcome = { ...(await gather(state.q)), unread: [] };
      if (Object.keys(state.filters).length) await withFacets(outcome, words.missing);
      if (isStale()) return;
      warn(outcome);
      showViews(state);
      parts.results.classList.toggle("wide", state.view === "lines");
      const list = outcome.all.filter((candidate) => fits(candidate, state.filters));
      const display = state.view === "lines" ? showLines : showArticles;
      if (outcome.query.words.length) await display(outcome, state, state.view ? list : byRelevance(list), isStale);
      else {
        tell(outcome.query.without.length ? words.onlyWithout : words.nothing);
        parts.hits.replaceChildren();
        showPager(state, 0, 0, []);
      }
      if (isStale()) return;
      clearTimeout(slow);
      document.documentElement.dataset.search = "shown";
      if (moved) parts.status.focus();
      outcome.all = outcome.all.filter(({ checked }) => checked?.kept !== false); // what reading ruled out counts nowhere
      parts.otherwise.hidden = outcome.all.length > 0;
      await withFacets(outcome, words.missingFacets);
      if (isStale()) return;
      warn(outcome);
      showTrend(outcome, state);
      parts.facets.replaceChildren(...(outcome.all.length ? FACETS.map((facet) => facetOf(outcome, state, facet)) : []));
    } catch (error) {
      if (isStale()) return;
      tell(say(words.broken, { file: error.message }));
      parts.hits.replaceChildren();
      parts.otherwise.hidden = false;
    } finally {
      clearTimeout(slow);
      if (!isStale()) document.documentElement.dataset.search = "done";
    }
  }

  parts.form.addEventListener("submit", (event) => {
    event.preventDefault();
    const { filters, view } = stateOf(location.search);
    const q = parts.input.value.trim();
    go(addressOf({ q, filters: q ? {} : filters, view, page: 1 }), false);
  });
  parts.results.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[href^='?']");
    if (!link || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    go(link.getAttribute("href"), true);
  });
  window.addEventListener("popstate", () => show(false));
  // What every query needs is fetched while the reader still writes; a failure is told when a query meets it.
  Promise.allSettled([prepare(page.folding), ...segments.map(ready)]);
  show(false);
})();
