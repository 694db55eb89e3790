// The little that pages cannot say in HTML: draw the charts that they hold as data, keep sliders and their figures
// together, filter a long table, save a picture. Without it every page still has its tables.
"use strict";

(() => {
  const charts = new Map();
  const outlines = new Map();

  async function outline(name, url) {
    if (!outlines.has(name)) {
      outlines.set(name, fetch(url).then((answer) => answer.json()).then((map) => {
        window.echarts.registerMap(name, map);
        return map;
      }));
    }
    return outlines.get(name);
  }

  function lineNames(map) {
    return map.features.map((feature) => feature.properties.name).filter((name) => name.startsWith("line-"));
  }

  async function draw(place) {
    if (!window.echarts || charts.has(place)) return;
    const option = JSON.parse(document.getElementById(place.dataset.chart).textContent);
    const name = place.dataset.chart.replace(/-data$/, "");
    if (place.dataset.map) {
      const map = await outline(place.dataset.mapName, place.dataset.map);
      const style = { areaColor: "transparent", borderColor: "#3b4754", borderWidth: 1.2 };
      option.series[0].data.push(...lineNames(map).map((line) => (
        { name: line, itemStyle: style, tooltip: { show: false }, silent: true })));
    }
    const font = getComputedStyle(document.body).fontFamily.replace(/"/g, "'"); // a saved SVG must stay XML
    option.textStyle = { ...option.textStyle, fontFamily: font };
    const chart = window.echarts.init(place, null, { renderer: "svg" });
    chart.setOption(option);
    chart.on("click", (event) => { if (event.data && event.data.link) window.location.href = event.data.link; });
    charts.set(place, chart);
    place.dataset.drawn = name;
  }

  function drawAll() {
    document.querySelectorAll("[data-chart]").forEach((place) => { draw(place); });
  }

  const PAPER = 660; // pixels between the margins of A4

  function resize() {
    charts.forEach((chart) => chart.resize({ width: "auto", height: "auto" }));
  }

  function fitPaper() {
    charts.forEach((chart, place) => chart.resize({ width: PAPER, height: place.clientHeight }));
  }

  function save(button) {
    const place = document.querySelector(`[data-chart="${button.dataset.of}-data"]`);
    const chart = charts.get(place);
    if (!chart) return;
    const vector = new Blob([chart.renderToSVGString()], { type: "image/svg+xml" });
    if (button.dataset.save === "svg") { give(vector, `${button.dataset.of}.svg`); return; }
    const picture = new Image();
    picture.onload = () => {
      const sheet = document.createElement("canvas");
      sheet.width = place.clientWidth * 2;
      sheet.height = place.clientHeight * 2;
      const ink = sheet.getContext("2d");
      ink.fillStyle = "#fff";
      ink.fillRect(0, 0, sheet.width, sheet.height);
      ink.drawImage(picture, 0, 0, sheet.width, sheet.height);
      sheet.toBlob((blob) => give(blob, `${button.dataset.of}.png`));
    };
    picture.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(chart.renderToSVGString())}`;
  }

  function give(blob, name) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = name;
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  }

  function filter(field) {
    const wanted = field.value.trim().toLowerCase();
    document.querySelectorAll(`#${field.dataset.filter} tbody tr`).forEach((row) => {
      row.hidden = wanted !== "" && !row.dataset.name.toLowerCase().includes(wanted);
    });
  }

  function tellPermalink() {
    document.querySelectorAll("[data-permalink]").forEach((place) => { place.textContent = window.location.href; });
  }

  document.addEventListener("input", (event) => {
    const field = event.target;
    if (field.type === "range") {
      const output = document.querySelector(`output[for="${CSS.escape(field.id)}"]`);
      if (output) output.textContent = field.value;
    }
    if (field.dataset.filter) filter(field);
  });
  document.addEventListener("change", (event) => {
    const form = event.target.closest("form[data-auto]");
    if (!form) return;
    form.querySelectorAll("input, select").forEach((field) => { if (!field.value) field.disabled = true; });
    form.requestSubmit();
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-save]");
    if (button) save(button);
    const copy = event.target.closest("[data-copy]");
    if (copy && navigator.clipboard) navigator.clipboard.writeText(new URL(copy.href).href);
  });
  window.addEventListener("resize", resize);
  window.addEventListener("beforeprint", fitPaper);
  window.addEventListener("afterprint", resize);
  window.addEventListener("popstate", tellPermalink);
  document.addEventListener("htmx:after:swap", () => { drawAll(); tellPermalink(); });
  document.addEventListener("DOMContentLoaded", () => { drawAll(); tellPermalink(); });
  if (document.readyState !== "loading") { drawAll(); tellPermalink(); }
})();
