/** Pasted text may end its lines with CR and LF; struck at once, they are one Enter. */
export class Returns {
  #justReturned = false;

  isSecondHalf(id: string | undefined): boolean {
    if (id === "enter" && this.#justReturned) {
      this.#justReturned = false;
      return true;
    }
    this.#justReturned = id === "return";
    if (this.#justReturned) {
      setImmediate(() => {
        this.#justReturned = false;
      });
    }
    return false;
  }
}
