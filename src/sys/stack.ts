/**
 * Things to undo, in reverse order, unless everything went well: `using stack = new Stack()`, then `stack.move()` as the
 * last step. A small DisposableStack, which Node 20 and 22 lack.
 */
export class Stack {
  #undo: (() => void)[] = [];

  /** Returns `value`; when the stack is left early, `release(value)` is called. */
  adopt<Value>(value: Value, release: (value: Value) => unknown): Value {
    this.#undo.push(() => {
      release(value);
    });
    return value;
  }

  /** The new owner of everything adopted so far; this stack then releases nothing. */
  move(): Stack {
    const owner = new Stack();
    owner.#undo = this.#undo;
    this.#undo = [];
    return owner;
  }

  [Symbol.dispose](): void {
    const undo = this.#undo;
    this.#undo = [];
    for (const release of undo.reverse()) release();
  }
}
