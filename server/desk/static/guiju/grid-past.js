// What a child table looked like before each change, for Ctrl+Z and Ctrl+Y. Rows keep their identity, so that what is bound to a
// row (an open editor, a mark) goes on being about it.
const MOST = 60;

export class Past {
  constructor(grid) {
    this.grid = grid;
    this.undone = [];
    this.done = [];
    this.typedIn = null;
  }

  // Called before a change. Keystrokes in one input are one change.
  remember(input = null) {
    if (input && input === this.typedIn) return;
    this.typedIn = input;
    this.done.push(this.state());
    if (this.done.length > MOST) this.done.shift();
    this.undone = [];
  }

  state() {
    return this.grid.rows.map((row) => [row, { ...row }, new Map(this.grid.marks.get(row))]);
  }

  undo() { return this.go(this.done, this.undone); }

  redo() { return this.go(this.undone, this.done); }

  go(from, to) {
    if (!from.length) return false;
    this.grid.hold();
    const state = from.pop();
    to.push(this.state());
    this.typedIn = null;
    const rows = state.map(([row, values, marks]) => {
      for (const name of Object.keys(row)) if (!(name in values)) delete row[name];
      this.grid.marks.set(row, new Map(marks));
      return Object.assign(row, values);
    });
    this.grid.rows.splice(0, this.grid.rows.length, ...rows);
    return true;
  }
}
