// Charts drawn when they come near and their years, the theme's switch, queries behind numbers, search, the scorecard's
// filter.
(() => {
  "use strict";
  const root = document.documentElement;
  const themes = JSON.parse(document.getElementById("themes").textContent);
  const prefersDark = matchMedia("(prefers-color-scheme: dark)");

  // ---- charts
  const figures = [...document.querySelectorAll("figure[data-chart]")].filter((f) => f.querySelector("script.spec"));
  const specs = new Map();
  const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : prefersDark.matches);
  function config() {
    const theme = themes[isDark() ? "dark" : "light"];
    return { ...theme, background: "transparent", legend: { ...theme.legend, offset: 30 } }; // clear of the axis title
  }

  const drawing = new Map();
  function draw(figure) {
    const done = drawNow(figure).finally(() => drawing.delete(figure));
    drawing.set(figure, done);
    return done;
  }
  async function drawNow(figure) {
    if (!specs.has(figure)) specs.set(figure, JSON.parse(figure.querySelector("script.spec").textContent));
    if (!figure.dataset.state) offerYears(figure);
    figure.dataset.state = "drawing";
    try {
      figure.dataset.ground = isDark() ? "dark" : "light"; // a printout is light, and its charts are as drawn
      await drawChart(figure.querySelector(".canvas"), specs.get(figure), config(), figure.dataset.since);
      figure.dataset.state = "drawn";
    } catch (error) {
      figure.dataset.state = "failed";
      console.error(`chart ${figure.dataset.chart}: ${error}`);
    }
  }
  // Years to choose from above a chart of long series: one stop for the keyboard, arrows choose.
  function offerYears(figure) {
    const [first, end] = chartDays(specs.get(figure)) ?? [];
    // Years back from today where a chart looks ahead: what is to come stays in it.
    const last = end && [end, new Date().toISOString()].sort()[0];
    const years = (Date.parse(last) - Date.parse(first)) / (365.25 * 864e5);
    const choices = [1, 2, 5, 10].filter((count) => years > 1.2 * count);
    if (!choices.length) return;
    const box = document.createElement("fieldset");
    box.className = "years";
    box.innerHTML = '<legend class="hidden">Years shown</legend>';
    for (const count of [...choices, 0]) {
      const label = document.createElement("label"), input = document.createElement("input");
      Object.assign(input, { type: "radio", name: `years-${figure.id}`, checked: !count });
      input.value = count ? `${Number(last.slice(0, 4)) - count}${last.slice(4, 10)}` : "";
      label.append(input, count ? `${count} y` : "All");
      box.append(label);
    }
    box.addEventListener("change", (event) => { figure.dataset.since = event.target.value; draw(figure); });
    figure.querySelector(".canvas").before(box);
  }
  const waiting = () => figures.filter((figure) => !figure.dataset.state);
  // One after the other: a reader sees the first ones sooner. Also what a printout needs, and a test.
  window.drawAll = async () => {
    for (const figure of waiting()) await draw(figure);
    await Promise.all(drawing.values());
    return figures.length;
  };
  const near = new IntersectionObserver(
    (entries) => entries.filter((e) => e.isIntersecting && !e.target.dataset.state).forEach((e) => draw(e.target)),
    { rootMargin: "800px 0px" },
  );
  figures.forEach((figure) => near.observe(figure));
  // A print does not wait for drawing. Where one is likely, charts out of sight are drawn while the page is idle.
  addEventListener("beforeprint", () => window.drawAll());
  function drawIdle() {
    const [next] = waiting();
    if (next) requestIdleCallback(() => draw(next).then(drawIdle));
  }
  if (matchMedia("(min-width: 64rem)").matches) addEventListener("load", () => setTimeout(drawIdle, 2000));

  // ---- theme
  const button = document.getElementById("theme");
  const remembered = (() => { try { return localStorage.getItem("theme"); } catch { return null; } })();
  function showTheme() {
    button.textContent = isDark() ? "Light" : "Dark";
    button.setAttribute("aria-label", isDark() ? "Use light colours" : "Use dark colours");
  }
  async function redraw() {
    showTheme();
    for (const figure of figures.filter((f) => f.dataset.state === "drawn")) await draw(figure);
  }
  if (remembered === "dark" || remembered === "light") root.dataset.theme = remembered;
  button.hidden = false;
  showTheme();
  button.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    try { localStorage.setItem("theme", root.dataset.theme); } catch { /* a browser may forbid it to files */ }
    redraw();
  });
  prefersDark.addEventListener("change", () => { if (!root.dataset.theme) redraw(); });

  // ---- the query behind a number: by pointer on the number, by keyboard in the list below each panel
  const dialog = document.getElementById("query");
  const code = dialog.querySelector("code");
  function close() { dialog.hidden = true; document.querySelector(".asked")?.classList.remove("asked"); }
  // A cell of a table has the table's query, the title of a chart the chart's.
  const queryOf = (number) => number.closest("[data-sql]")?.dataset.sql ?? number.closest("figure").querySelector(".about code").textContent;
  function show(number) {
    close();
    number.classList.add("asked");
    code.textContent = queryOf(number);
    dialog.hidden = false;
    const at = number.getBoundingClientRect();
    const left = Math.min(Math.max(8, at.left), root.clientWidth - dialog.offsetWidth - 8);
    dialog.style.left = `${left + scrollX}px`;
    dialog.style.top = `${at.bottom + scrollY + 6}px`;
  }
  document.addEventListener("click", (event) => {
    if (dialog.contains(event.target)) return;
    const number = event.target.closest("data.n, .t[data-sql], [data-sql] td, [data-sql] th, h3[data-static='chart']");
    if (number && !number.classList.contains("asked") && !event.target.closest("summary, a")) show(number);
    else close();
  });
  addEventListener("keydown", (event) => { if (event.key === "Escape") close(); });
  dialog.querySelector(".close").addEventListener("click", close);
  dialog.querySelector(".copy").addEventListener("click", async (event) => {
    try {
      await navigator.clipboard.writeText(code.textContent);
      event.target.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(code);
      event.target.textContent = "Selected";
    }
    setTimeout(() => { event.target.textContent = "Copy"; }, 1500);
  });
  for (const origin of document.querySelectorAll("details.origin")) {
    origin.addEventListener("toggle", () => {
      const list = origin.querySelector(".queries");
      if (!origin.open || list.childElementCount) return;
      const panel = origin.parentElement;
      for (const number of panel.querySelectorAll("data.n")) {
        const line = document.createElement("p");
        const value = number.cloneNode(true);
        const query = document.createElement("code");
        query.textContent = number.dataset.sql;
        line.append(value, " ", query);
        list.append(line);
      }
    });
  }

  // ---- files next to the page: away from its generation it names them, because a link would lead nowhere
  if (!/\/report\/(index\.html)?$/.test(location.pathname)) {
    document.getElementById("alone").hidden = false;
    for (const files of document.querySelectorAll(".files")) {
      const names = [...files.querySelectorAll("a")].map((link) => link.getAttribute("href").replace("../", ""));
      files.textContent = `In its generation: ${names.join(", ")}`;
    }
  }

  // ---- a link into something folded opens it
  function unfold() {
    const id = decodeURIComponent(location.hash.slice(1));
    const target = id && (document.getElementById(id) ?? (contents(), document.getElementById(id)));
    if (!target) return;
    if (target.closest("[hidden]")) document.querySelector("form.filter")?.reset(); // a claim that the filter leaves out
    for (let node = target; node; node = node.parentElement) if (node.tagName === "DETAILS") node.open = true;
    target.scrollIntoView();
  }

  // ---- search over charts, marts, columns, series and claims; what it needs is on the page
  let entries = null;
  function contents() {
    if (entries) return entries;
    entries = [];
    const add = (kind, place, id, name, about, more = "") => {
      place.id ||= id;
      entries.push({ kind, id: place.id, name, about, text: `${name} ${about} ${more}`.toLowerCase() });
    };
    const texts = (row) => [...row.cells].map((cell) => cell.textContent);
    for (const section of document.querySelectorAll("main > section"))
      add("section", section, section.id, section.querySelector("h2").textContent.trim(), "");
    for (const figure of document.querySelectorAll("figure[data-chart]"))
      add("chart", figure, figure.id, figure.querySelector("h3").textContent, "", figure.dataset.chart);
    for (const mart of document.querySelectorAll(".mart")) {
      const name = mart.id.replace("mart-", "");
      add("mart", mart, mart.id, name, mart.querySelector(".about-mart").textContent);
      for (const row of mart.querySelectorAll("tbody tr")) {
        const [column, , unit, about] = texts(row);
        add("column", row, `column-${name}-${column}`, column, `${name}${unit && `, ${unit}`}: ${about}`);
      }
    }
    for (const row of document.querySelectorAll("#series tbody tr")) {
      const [dataset, series, title] = texts(row);
      add("series", row, `series-${dataset}-${series}`, series || dataset, `${dataset}: ${title}`);
    }
    for (const claim of document.querySelectorAll(".claim"))
      add("claim", claim, claim.id, claim.querySelector(".head th").textContent.trim(), "");
    return entries;
  }

  const field = document.getElementById("search");
  const results = document.getElementById("found");
  const SHOWN = 40;
  function search() {
    const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
    results.hidden = !words.length;
    const rank = ({ name }) => { // the whole name first, then the more words of it the better
      const text = name.toLowerCase(), asked = words.join(" ");
      return text === asked ? -2 : text.startsWith(asked) ? -1 : words.filter((word) => !text.includes(word)).length;
    };
    const found = words.length ? contents().filter(({ text }) => words.every((word) => text.includes(word))) : [];
    found.sort((one, other) => rank(one) - rank(other));
    results.querySelector("p").textContent =
      found.length > SHOWN ? `${found.length} found; the first ${SHOWN}:` : `${found.length} found`;
    results.querySelector("ul").replaceChildren(...found.slice(0, SHOWN).map(({ kind, id, name, about }) => {
      const item = document.createElement("li"), link = document.createElement("a");
      link.href = `#${encodeURIComponent(id)}`;
      const part = (of, text) => Object.assign(document.createElement("span"), { className: of, textContent: text });
      link.append(part("kind", kind), " ", part("name-found", name), " ", part("about-found", about));
      item.append(link);
      return item;
    }));
  }
  const forget = () => { results.hidden = true; };
  field.form.hidden = false;
  field.addEventListener("input", search);
  field.addEventListener("focus", search);
  field.form.addEventListener("submit", (event) => {
    event.preventDefault();
    results.querySelector("a")?.click();
  });
  field.form.addEventListener("keydown", (event) => {
    const links = [...results.querySelectorAll("a")], step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === "Escape") { field.focus(); forget(); }
    if (!step || results.hidden) return;
    event.preventDefault();
    (links[links.indexOf(document.activeElement) + step] ?? field).focus();
  });
  results.addEventListener("click", (event) => {
    if (!event.target.closest("a")) return;
    forget();
    setTimeout(unfold); // also when the address is the same as before
  });
  document.addEventListener("click", (event) => { if (!field.form.contains(event.target)) forget(); });
  addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.target.closest("input, select, textarea")) return;
    event.preventDefault();
    field.focus();
  });

  addEventListener("hashchange", unfold);
  unfold();

  // ---- scorecard
  const form = document.querySelector("form.filter");
  if (form) {
    const [link, verdict] = form.querySelectorAll("select");
    const filter = () => {
      let left = 0;
      for (const claim of document.querySelectorAll(".claim")) {
        const isShown =
          (!link.value || claim.dataset.link === link.value) && (!verdict.value || claim.dataset.verdict === verdict.value);
        claim.hidden = !isShown;
        left += isShown ? 1 : 0;
      }
      document.getElementById("none-left").hidden = left > 0;
    };
    form.addEventListener("change", filter);
    form.addEventListener("reset", () => setTimeout(filter));
    form.addEventListener("submit", (event) => event.preventDefault());
  }
})();
