function render({ model, el }) {
  const frame = document.createElement("div");
  frame.className = "cx-bars";
  el.append(frame);

  function mark() {
    for (const button of frame.querySelectorAll("button")) {
      const chosen = button.dataset.key === model.get("chosen");
      button.setAttribute("aria-pressed", String(chosen));
    }
  }

  function buttonOf(bar) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "cx-bar";
    button.dataset.key = bar.key;
    button.title = "Show the rows behind it";
    button.setAttribute("role", "button");
    button.setAttribute("aria-label", bar.says);
    for (const side of ["left", "top", "width", "height"]) {
      button.style[side] = `${100 * bar[side]}%`;
    }
    button.addEventListener("click", () => {
      model.set("chosen", bar.key);
      model.save_changes();
    });
    return button;
  }

  function draw() {
    frame.replaceChildren();
    if (!model.get("image")) return;
    const image = document.createElement("img");
    image.src = model.get("image");
    image.alt = model.get("alt");
    frame.append(image, ...model.get("bars").map(buttonOf));
    mark();
  }

  // JupyterLab takes keys for its cells, unless what has the focus says that it wants them.
  const laidOut = new ResizeObserver(() => {
    laidOut.disconnect();
    el.closest(".jp-OutputArea-output")?.addEventListener("focusin", ({ target }) => {
      target.setAttribute("data-lm-suppress-shortcuts", "true");
    });
  });
  laidOut.observe(el);
  model.on("change:image", draw);
  model.on("change:bars", draw);
  model.on("change:chosen", mark);
  draw();
}

export default { render };
