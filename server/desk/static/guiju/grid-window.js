// Long tables: only the rows near the screen are drawn, the others hold their place. A table of 500 rows would otherwise be some
// thousand inputs, each laid out anew at every key.
const LONG = 60; // rows; shorter tables are drawn whole
const NEAR = "500px";

export class RowWindow {
  constructor(grid) {
    this.grid = grid;
    this.heights = new WeakMap(); // of rows that were drawn
    this.usual = 34;
    this.watcher = new IntersectionObserver((entries) => this.onScroll(entries), { rootMargin: `${NEAR} 0px` });
    window.addEventListener("resize", () => { if (this.isLong) this.keepWidths(); });
  }

  get isLong() { return this.grid.rows.length > LONG; }

  // Stands for a row that is not drawn yet.
  place(row, index) {
    const line = document.createElement("tr");
    line.dataset.index = index;
    this.empty(line, row);
    this.watcher.observe(line);
    return line;
  }

  empty(line, row) {
    line.className = "is-far";
    line.style.height = `${this.heights.get(row) || this.usual}px`;
    const cell = document.createElement("td");
    cell.colSpan = this.grid.columns.length + 2;
    line.replaceChildren(cell);
  }

  fill(line) {
    if (!line?.classList.contains("is-far")) return;
    line.className = "";
    line.style.height = "";
    line.replaceChildren(...this.grid.drawRow(this.grid.rows[Number(line.dataset.index)], Number(line.dataset.index)).childNodes);
    this.grid.refreshLines([line]);
  }

  // After the table was drawn anew: what is on the screen at once, the rest as it comes near.
  show() {
    if (!this.isLong) { this.freeWidths(); return; }
    const lines = [...this.grid.body.querySelectorAll("tr.is-far")];
    const places = lines.map((line) => line.getBoundingClientRect());
    lines.forEach((line, index) => { if (index < 20 || (places[index].bottom > -100 && places[index].top < window.innerHeight + 100)) this.fill(line); });
    this.keepWidths();
  }

  stop() { this.watcher.disconnect(); }

  onScroll(entries) {
    for (const { target, isIntersecting } of entries) {
      const row = this.grid.rows[Number(target.dataset.index)];
      if (!row || !target.isConnected) continue;
      if (isIntersecting) this.fill(target);
      else if (!target.classList.contains("is-far") && !target.contains(document.activeElement)) {
        this.usual = target.offsetHeight || this.usual;
        this.heights.set(row, this.usual);
        this.empty(target, row);
      }
    }
    if (this.grid.sheet.isBlock) this.grid.sheet.show();
  }

  // Columns as wide as the first rows made them: rows that come and go must not move them.
  keepWidths() {
    this.freeWidths();
    const heads = [...this.grid.box.querySelectorAll("thead th")];
    const widths = heads.map((head) => head.offsetWidth);
    if (!widths[0]) return; // a phone's cards have no columns
    heads.forEach((head, index) => { head.style.width = `${widths[index]}px`; });
    this.grid.box.querySelector("table").style.tableLayout = "fixed";
  }

  freeWidths() {
    this.grid.box.querySelector("table").style.tableLayout = "";
    for (const head of this.grid.box.querySelectorAll("thead th")) head.style.width = "";
  }
}
