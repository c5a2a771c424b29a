"""How the report looks, on screen and on paper, and the script that draws its charts."""

STYLE = """
:root {
  color-scheme: light dark;
  --paper: #fbfaf8; --card: #ffffff; --ink: #1c2430; --soft: #5b6472; --line: #e3e0da;
  --tier-1: #3f74a8; --tier-2: #d07d3c; --tier-3: #7d9440;
  --better: #2b8a6e; --worse: #c2544d; --unclear: #8a8f98; --planned: #c0392b;
  --sans: system-ui, "Segoe UI", Roboto, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC",
    "Noto Sans SC", sans-serif;
  --serif: "Iowan Old Style", "Palatino Linotype", Palatino, Georgia, "Songti SC",
    "Noto Serif CJK SC", "Noto Serif SC", serif;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --paper: #14181e; --card: #1b2129; --ink: #e8e6e1; --soft: #a2a9b4; --line: #323a45;
    --tier-1: #6fa3d6; --tier-2: #e2985c; --tier-3: #a3bb62;
    --better: #4fb394; --worse: #e27d76; --unclear: #9aa1ab; --planned: #ee7466;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--paper); color: var(--ink);
  font: 16px/1.55 var(--sans); font-variant-numeric: tabular-nums;
  text-rendering: optimizeLegibility;
}
main { max-width: 1180px; margin: 0 auto; padding: 28px 24px 72px; }
h1, h2, .headline { font-family: var(--serif); font-weight: 600; line-height: 1.22;
  text-wrap: balance; }
h1 { font-size: 1.15rem; margin: 0; }
h2 { font-size: 1.5rem; margin: 3.2rem 0 .35rem; }
h3 { font-size: 1rem; margin: 1.6rem 0 .3rem; }
p { margin: .5rem 0; max-width: 68ch; }
.headline.stop { border-left: 6px solid var(--worse); padding-left: .8rem; }
.headline.stop strong { color: var(--worse); }
.lead.stop { border-left: 6px solid var(--worse); padding-left: .8rem; color: var(--worse); }
.lead, .note, figcaption { color: var(--soft); }
.note, figcaption { font-size: .87rem; }
header { display: flex; flex-wrap: wrap; justify-content: space-between; gap: .2rem 1.5rem;
  align-items: baseline; border-bottom: 1px solid var(--line); padding-bottom: .7rem; }
header .note { margin: 0; }
.headline { font-size: clamp(1.7rem, 3.9vw, 2.6rem); margin: 1.5rem 0 1rem; max-width: 34ch;
  font-weight: 500; }
.headline strong { font-weight: 700; color: var(--better); }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(180px, 1fr)); gap: 12px;
  margin: 1.3rem 0 1.2rem; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 10px;
  padding: .8rem 1rem .85rem; }
.card dt { font-size: .8rem; color: var(--soft); }
.card dd { margin: 0; }
.card .big { font-size: 1.28rem; font-weight: 650; line-height: 1.3; overflow-wrap: anywhere; }
.card .small { font-size: .85rem; color: var(--soft); line-height: 1.4; }
figure { margin: 1rem 0; }
.chart { width: 100%; min-height: 60px; }
.chart svg { display: block; max-width: 100%; }
.few { display: grid; grid-template-columns: repeat(auto-fill, minmax(235px, 1fr)); gap: 14px; }
.few > div { background: var(--card); border: 1px solid var(--line); border-radius: 10px;
  padding: .6rem .8rem .4rem; display: flex; flex-direction: column;
  justify-content: space-between; }
.few figure { margin: 0; }
.few h3 { margin: 0 0 .2rem; font-size: .92rem; }
.scroll { overflow-x: auto; margin: .8rem 0 1rem; }
table { border-collapse: collapse; width: 100%; font-size: .89rem; }
.wide table { font-size: .76rem; }
.wide td, .wide th { padding-left: .28rem; padding-right: .28rem; }
.wide .text { min-width: 6.5em; }
th, td { text-align: right; padding: .38rem .6rem; border-bottom: 1px solid var(--line);
  vertical-align: baseline; white-space: nowrap; }
th { font-weight: 600; color: var(--soft); font-size: .92em; }
.scroll:not(.wide) thead th { white-space: normal; min-width: 4em; }
.text { text-align: left; white-space: normal; min-width: 9.5em; }
tr.group th { text-align: left; color: var(--ink); padding-top: 1rem;
  border-bottom: 1px solid var(--soft); }
.up { color: var(--better); } .down { color: var(--worse); } .even { color: var(--soft); }
.bar { display: inline-block; vertical-align: middle; width: 84px; height: 8px; border-radius: 4px;
  background: var(--line); position: relative; margin-left: .5rem; overflow: hidden; }
.bar i { position: absolute; inset: 0 auto 0 0; background: var(--better); opacity: .85; }
.key { display: inline-block; width: .75em; height: .75em; border-radius: 2px; margin-right: .4em; }
ul { padding-left: 1.15rem; max-width: 72ch; } li { margin: .35rem 0; }
dl.facts { display: grid; grid-template-columns: minmax(9rem, max-content) 1fr; gap: .25rem 1.4rem;
  font-size: .89rem; }
dl.facts dt { color: var(--soft); } dl.facts dd { margin: 0; overflow-wrap: anywhere; }
.two { display: grid; grid-template-columns: repeat(auto-fit, minmax(300px, 1fr)); gap: 0 3rem; }
.slider input { width: min(100%, 26rem); accent-color: var(--better); vertical-align: middle; }
code { overflow-wrap: anywhere; font-size: .87rem; }
noscript { color: var(--worse); }
@media (max-width: 560px) { main { padding: 18px 14px 48px; } th, td { padding: .35rem .4rem; } }
@media screen and (max-width: 560px) {
  .scroll:not(.wide) thead { display: none; }
  .scroll:not(.wide) tr { display: block; border-bottom: 1px solid var(--line); padding: .4rem 0; }
  .scroll:not(.wide) :is(td, tr.group th) { display: flow-root; border: 0; padding: .12rem 0;
    white-space: normal; }
  .scroll:not(.wide) td.text { min-width: 0; }
  .scroll:not(.wide) td:first-child { font-weight: 600; text-align: left; }
  .scroll:not(.wide) td[data-label]::before { content: attr(data-label); color: var(--soft);
    float: left; margin-right: 1rem; }
  .scroll:not(.wide) td.text[data-label]::before { content: none; }
}
@media print {
  :root { --paper: #fff; --card: #fff; }
  html { font-size: 12px; } body { font-size: 1rem; } main { max-width: none; padding: 0; }
  h2 { break-after: avoid; margin-top: 1.6rem; } figure, .card, tr { break-inside: avoid; }
  .scroll { overflow: visible; } .slider .range { display: none; }
  .wide table { font-size: .62rem; } .wide td, .wide th { padding: .2rem .22rem; }
  @page { size: A4; margin: 12mm; }
}
"""

# Colours are given to the charts as CSS variables, so that paper, light and dark need no redrawing.
# `ast`: Vega's own interpreter, for the page's policy lets no text become code.
SCRIPT = """
(function () {
  document.querySelectorAll(".slider").forEach(function (box) {
    const texts = JSON.parse(box.querySelector("script").textContent);
    box.querySelector("input").addEventListener("input", function (event) {
      box.querySelectorAll("[data-cell]").forEach(function (cell) {
        cell.textContent = texts[event.target.value][cell.dataset.cell];
      });
    });
  });
  const ink = "var(--ink)", soft = "var(--soft)", line = "var(--line)";
  const font = getComputedStyle(document.body).fontFamily;
  const config = {
    background: "transparent", font: font, view: {stroke: null},
    axis: {labelColor: ink, titleColor: soft, gridColor: line, domainColor: line, tickColor: line,
      labelFontSize: 12, titleFontSize: 12, titleFontWeight: "normal", labelPadding: 6},
    legend: {labelColor: ink, titleColor: soft, labelFontSize: 12, titleFontWeight: "normal"},
    rule: {color: ink}, tick: {color: ink}, text: {color: ink}
  };
  const options = {renderer: "svg", actions: false, ast: true, config: config};
  const data = Array.from(document.querySelectorAll("script[data-chart]"));
  Promise.all(data.map(function (script) {
    const place = document.getElementById("chart-" + script.dataset.chart);
    return vegaEmbed(place, JSON.parse(script.textContent), options);
  })).then(function (views) {
    document.documentElement.dataset.drawn = String(views.length);
    addEventListener("beforeprint", function () { dispatchEvent(new Event("resize")); });
  });
})();
"""

# Tables in a `sorts` box: a click on a head sorts their rows, by `data-by` where a cell has it.
SORT_SCRIPT = """
(function () {
  function worth(row, column) {
    const cell = row.cells[column], marked = cell.querySelector("[data-by]");
    if (!marked) return cell.textContent;
    return marked.dataset.by === "inf" ? Infinity : Number(marked.dataset.by);
  }
  document.querySelectorAll(".sorts table").forEach(function (table) {
    const body = table.tBodies[0];
    Array.from(table.tHead.rows[0].cells).forEach(function (head, column) {
      head.tabIndex = 0;
      head.style.cursor = "pointer";
      function sort() {
        const up = head.getAttribute("aria-sort") !== "ascending";
        Array.from(table.tHead.rows[0].cells).forEach(function (other) {
          other.removeAttribute("aria-sort");
        });
        head.setAttribute("aria-sort", up ? "ascending" : "descending");
        const rows = Array.from(body.rows).sort(function (a, b) {
          const x = worth(a, column), y = worth(b, column);
          const order = x < y ? -1 : x > y ? 1 : 0;
          return up ? order : -order;
        });
        rows.forEach(function (row) { body.appendChild(row); });
      }
      head.addEventListener("click", sort);
      head.addEventListener("keydown", function (event) {
        if (event.key === "Enter" || event.key === " ") { event.preventDefault(); sort(); }
      });
    });
  });
})();
"""
