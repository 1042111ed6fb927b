/* What the search page and the article pages share: loading files by script elements, which works from disk as from a
   host; folding and cutting a query as the index was folded and cut; finding its words in a text as printed. */
"use strict";

(function () {
  const ROOT = new URL("../", document.currentScript.src);
  const KEPT = 400; // files kept in memory: about ten megabytes
  const loading = new Map();
  const arrived = new Map();
  let table;

  window.newsarchiveShard = (key, data) => arrived.set(key, data);

  /* Data of a file of the index by its key; the promise fails with the key where the file does not come. */
  function load(key) {
    const known = loading.get(key);
    if (known) {
      loading.delete(key);
      loading.set(key, known);
      return known;
    }
    const promise = new Promise((resolve, reject) => {
      const script = document.createElement("script");
      const fail = () => {
        loading.delete(key);
        reject(new Error(key + ".js"));
      };
      script.src = new URL(key + ".js", ROOT);
      script.onerror = fail;
      script.onload = () => {
        if (arrived.has(key)) resolve(arrived.get(key));
        else fail();
        arrived.delete(key);
        script.remove();
      };
      document.head.append(script);
    });
    loading.set(key, promise);
    if (loading.size > KEPT) loading.delete(loading.keys().next().value);
    return promise;
  }

  async function prepare(file) {
    const data = await load(file.replace(/\.js$/, ""));
    if (table) return;
    const from = Array.from(data.from);
    const to = Array.from(data.to);
    const { paired, words } = data;
    table = {
      folded: new Map(from.map((character, number) => [character, to[number]])),
      gap: new RegExp(`([${words}]) (?=[${paired}])|([${paired}]) (?=[${words}])`, "gu"),
      run: new RegExp(`[${paired}${words}]+`, "gu"),
      part: new RegExp(`[${words}]+|[${paired}]`, "gu"),
      word: new RegExp(`^[${words}]`, "u"),
      single: new RegExp(`^[${paired}]`, "u"),
      longest: data.longest,
    };
  }

  function fold(text) {
    let folded = "";
    for (const character of text) folded += table.folded.get(character) ?? character;
    return folded;
  }

  const isWord = (part) => table.word.test(part);
  const kind = (character) => (isWord(character) ? 1 : table.single.test(character) ? 2 : 0);

  /* Parts of each run of a folded text: words, and single characters of scripts without spaces. */
  function runs(folded) {
    const joined = folded.replace(table.gap, "$1$2");
    return (joined.match(table.run) ?? []).map((run) => run.match(table.part));
  }

  const touching = (before, part) => Array.from(before).at(-1) + Array.from(part)[0];

  /* Tokens of a text, as the index has them. */
  function tokens(folded) {
    const found = [];
    for (const parts of runs(folded)) {
      parts.forEach((part, number) => {
        if (number) found.push(touching(parts[number - 1], part));
        if (isWord(part)) found.push(part.slice(0, table.longest));
      });
      if (!isWord(parts.at(-1))) found.push(parts.at(-1));
    }
    return found;
  }

  /* What to look up for a phrase: terms, and beginnings of terms where the phrase ends in a word or is one character.
     Of many pairs every second one is enough to cover the phrase; the text tells the rest. */
  function lookups(folded, exact) {
    const all = runs(folded);
    const found = [];
    all.forEach((parts, place) => {
      const pairs = [];
      parts.forEach((part, number) => {
        if (number) pairs.push({ term: touching(parts[number - 1], part) });
        if (isWord(part)) {
          const open = !exact && place === all.length - 1 && number === parts.length - 1;
          found.push({ term: part.slice(0, table.longest), words: open });
        }
      });
      if (parts.length === 1 && !isWord(parts[0])) found.push({ term: parts[0], pairs: true });
      found.push(...pairs.filter((_, number) => pairs.length <= 6 || number % 2 === 0 || number === pairs.length - 1));
    });
    return found;
  }

  const QUOTES = "\"“”„＂";
  const PIECE = new RegExp(
    `\\s*([-−－–]?)(?:[${QUOTES}]([^${QUOTES}]*)[${QUOTES}]?|「([^」]*)」?|『([^』]*)』?|(\\S+))`,
    "gu",
  );

  /* A query as words to find and words to leave out; `certain` where the index alone can tell that a text holds one. */
  function parse(query) {
    const found = { words: [], without: [] };
    for (const [, minus, ...forms] of query.normalize("NFC").matchAll(PIECE)) {
      const text = (forms.find((form) => form !== undefined) ?? "").trim();
      if (!text) continue;
      const exact = forms[3] === undefined;
      const folded = fold(text);
      const needs = lookups(folded, exact);
      if (!needs.length) continue;
      const certain = needs.length === 1 && fold(text).replace(table.run, "") === "";
      (minus ? found.without : found.words).push({ text, exact, needs, certain, pattern: patternOf(folded) });
    }
    return found;
  }

  function patternOf(folded) {
    let source = "";
    let before = "";
    for (const character of folded) {
      if (kind(before) + kind(character) === 3) source += " ?"; // a word and a character of the other scripts meet
      source += character === " " ? "\\s+" : character.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
      before = character;
    }
    return new RegExp(source, "gu");
  }

  /* Places of a word in a folded text; a word in letters counts only where one begins there, quoted where it ends too. */
  function places(word, folded) {
    const found = [];
    for (const match of folded.matchAll(word.pattern)) {
      const start = match.index;
      const end = start + match[0].length;
      const cutsIn = start && isWord(match[0]) && isWord(folded[start - 1]);
      const cutsOff = word.exact && end < folded.length && isWord(match[0].at(-1)) && isWord(folded[end]);
      if (!cutsIn && !cutsOff) found.push([start, end]);
    }
    return found;
  }

  /* Places of all words in a text, in order, none within another. */
  function allPlaces(words, folded) {
    const every = words.flatMap((word) => places(word, folded)).sort((a, b) => a[0] - b[0] || b[1] - a[1]);
    const found = [];
    for (const place of every) {
      if (!found.length || place[0] >= found.at(-1)[1]) found.push(place);
    }
    return found;
  }

  window.newsarchive = { load, prepare, fold, isWord, tokens, parse, places, allPlaces };
})();
