"use strict";
(() => {
  const form = document.getElementById("filter");
  const status = document.getElementById("status");
  const entries = [...document.querySelectorAll(".entry")].map((element) => ({
    element,
    text: element.textContent.toLowerCase(),
  }));
  const groups = [...document.querySelectorAll("details, .failed")];
  const usual = new Map(groups.map((group) => [group, group.open]));
  const chosen = ["notebook", "segment", "period"];
  const matches = ({ element, text }, words) =>
    words.every((word) => text.includes(word)) &&
    chosen.every((name) => !form[name].value || element.dataset[name] === form[name].value);
  const apply = () => {
    const words = form.search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const anything = words.length > 0 || chosen.some((name) => form[name].value);
    let shown = 0;
    for (const entry of entries) {
      const hit = matches(entry, words);
      entry.element.hidden = !hit;
      shown += hit ? 1 : 0;
    }
    for (const group of groups) {
      group.hidden = !group.querySelector(".entry:not([hidden])");
      if (usual.get(group) !== undefined) group.open = anything || usual.get(group);
    }
    status.textContent = anything ? `${shown} of ${entries.length} shown` : "";
  };
  form.hidden = false;
  form.addEventListener("input", apply);
  form.addEventListener("submit", (event) => event.preventDefault());
  apply();
})();
