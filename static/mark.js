/* An article that a reader found by searching: marks the words of the query (`?q=`) and tells how often they stand here. */
"use strict";

(function () {
  const { dataset } = document.currentScript;
  const q = new URLSearchParams(location.search).get("q");
  const PLACES = "article h1, .sheet > .text :is(p, h2, h3, h4, h5, h6, li, td, th, pre, figcaption)";

  /* What a block is made of: its texts, and the breaks between its lines, which the index has as ends of lines. */
  function piecesOf(block) {
    const walker = document.createTreeWalker(block, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT);
    const pieces = [];
    while (walker.nextNode()) {
      if (walker.currentNode.nodeType === Node.TEXT_NODE || walker.currentNode.localName === "br") pieces.push(walker.currentNode);
    }
    return pieces;
  }

  const wordsOf = (piece) => piece.data ?? "\n";

  /* Wrap one hit of a block, in as many pieces as its markup parts it into; the first piece has the hit's id. */
  function wrap(pieces, [from, to], number) {
    let start = 0;
    let first = true;
    for (const piece of pieces) {
      const end = start + wordsOf(piece).length;
      if (end > from && start < to && piece.data) {
        const range = document.createRange();
        range.setStart(piece, Math.max(from - start, 0));
        range.setEnd(piece, Math.min(to - start, piece.length));
        const mark = document.createElement("mark");
        if (first) mark.id = `hit-${number}`;
        first = false;
        range.surroundContents(mark);
      }
      start = end;
    }
  }

  function mark() {
    const { words } = window.newsarchive.parse(q);
    const blocks = [...document.querySelectorAll(PLACES)].filter((block) => !block.closest(".cut, .absent") && !block.querySelector(PLACES));
    let count = 0;
    for (const block of blocks) {
      const hits = window.newsarchive.allPlaces(words, window.newsarchive.fold(piecesOf(block).map(wordsOf).join("")));
      // From the last to the first, so that what was wrapped moves nothing that is still to be wrapped.
      [...hits].reverse().forEach((hit, place) => wrap(piecesOf(block), hit, count + hits.length - place));
      count += hits.length;
    }
    return count;
  }

  function tell(count) {
    const line = document.createElement("p");
    const link = document.createElement("a");
    line.className = "marked";
    link.href = "#hit-1";
    link.textContent = dataset.first;
    line.append(dataset.found.replace("{n}", count).replace("{q}", () => q), " ", link);
    document.querySelector(".sheet").prepend(line);
  }

  async function run() {
    await window.newsarchive.prepare(dataset.folding);
    const count = mark();
    if (count) tell(count);
    if (location.hash.startsWith("#hit-")) document.getElementById(location.hash.slice(1))?.scrollIntoView({ block: "center" });
  }

  if (q && window.newsarchive) run().catch(() => {}); // without the table the page reads as it always does
})();
