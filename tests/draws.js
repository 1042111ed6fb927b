/* Beside a search page in a test, once a form has led to it: asks it for each run of characters, page by page as a reader turns them, and tells
   which articles were not among what it showed. */
"use strict";

(async function () {
  const shown = async () => {
    while (!document.documentElement.dataset.search) await new Promise((resolve) => setTimeout(resolve, 2));
  };
  /* Browsers ignore addresses that are set too often in a few seconds, and say so only in the console. */
  const go = async (address) => {
    for (;;) {
      history.pushState(null, "", address);
      if (location.search === new URL(address, location.href).search) return;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  };
  const missed = [];
  await shown();
  if (new URLSearchParams(location.search).get("q") !== "乌镇") return;
  for (const [run, page] of window.draws) {
    let found = false;
    for (let number = 1; !found; number += 1) {
      await go(`?q=${encodeURIComponent(run)}&page=${number}`);
      dispatchEvent(new PopStateEvent("popstate"));
      await shown();
      found = [...document.querySelectorAll(".hits h2 a")].some((link) => link.getAttribute("href").split("?")[0] === page);
      if (!document.querySelector(".pager [rel=next]")) break;
    }
    if (!found) missed.push([run, page]);
  }
  document.documentElement.dataset.draws = JSON.stringify({ drawn: window.draws.length, missed });
  new Image().src = window.report + encodeURIComponent(document.documentElement.dataset.draws);
})();
