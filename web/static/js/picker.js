/**
 * A field that offers a list while one types: combobox with a listbox (ARIA Authoring Practices, "Editable Combobox With
 * List Autocomplete"). Focus stays in the field; arrows move, Enter takes, Escape closes. Knows nothing of what is listed.
 */

/**
 * @template T
 */
export class Picker {
  #input;
  #list;
  #find;
  #draw;
  #pick;
  /** @type {T[]} */
  #items = [];
  #active = -1;

  /**
   * @param {{input: HTMLInputElement, list: HTMLElement, find: (query: string) => T[], draw: (item: T) => HTMLElement,
   *   pick: (item: T) => void, signal: AbortSignal}} parts  `draw` gives an element with role option
   */
  constructor({ input, list, find, draw, pick, signal }) {
    this.#input = input;
    this.#list = list;
    this.#find = find;
    this.#draw = draw;
    this.#pick = pick;
    for (const [name, value] of [["role", "combobox"], ["aria-autocomplete", "list"], ["aria-expanded", "false"], ["aria-controls", list.id]]) {
      input.setAttribute(/** @type {string} */ (name), /** @type {string} */ (value));
    }
    input.addEventListener("input", () => this.refresh(), { signal });
    input.addEventListener("keydown", (event) => this.#key(event), { signal });
    input.addEventListener("blur", () => this.close(), { signal });
    // Before the field loses its focus, otherwise the list would be gone when the click arrives.
    list.addEventListener("pointerdown", (event) => event.preventDefault(), { signal });
    list.addEventListener("click", (event) => this.#click(event), { signal });
  }

  /** Looks again for what is typed. */
  refresh() {
    this.#items = this.#find(this.#input.value);
    this.#list.replaceChildren(...this.#items.map((item, index) => this.#option(item, index)));
    this.#open(this.#items.length > 0);
    this.#mark(this.#items.length > 0 ? 0 : -1);
  }

  close() {
    this.#open(false);
    this.#mark(-1);
  }

  get isOpen() {
    return !this.#list.hidden;
  }

  /** @param {T} item @param {number} index */
  #option(item, index) {
    const option = this.#draw(item);
    option.id = `${this.#list.id}-${index}`;
    option.dataset.index = String(index);
    return option;
  }

  /** @param {boolean} open */
  #open(open) {
    this.#list.hidden = !open;
    this.#input.setAttribute("aria-expanded", String(open));
  }

  /** @param {number} index */
  #mark(index) {
    this.#active = index;
    for (const [place, option] of [...this.#list.children].entries()) {
      option.setAttribute("aria-selected", String(place === index));
      if (place === index) option.scrollIntoView({ block: "nearest" });
    }
    if (index < 0) this.#input.removeAttribute("aria-activedescendant");
    else this.#input.setAttribute("aria-activedescendant", `${this.#list.id}-${index}`);
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.isComposing) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (this.isOpen) this.#move(event.key === "ArrowDown" ? 1 : -1);
      else this.refresh();
    } else if (event.key === "Enter") {
      // Never sends the form: what is typed here is a search.
      event.preventDefault();
      if (this.isOpen && this.#active >= 0) this.#take(this.#active);
    } else if (event.key === "Escape" && this.isOpen) {
      event.preventDefault();
      event.stopPropagation();
      this.close();
    }
  }

  /** @param {number} step */
  #move(step) {
    const count = this.#items.length;
    if (count > 0) this.#mark((this.#active + step + count) % count);
  }

  /** @param {MouseEvent} event */
  #click(event) {
    const option = event.target instanceof Element ? event.target.closest("[data-index]") : null;
    if (option instanceof HTMLElement) this.#take(Number(option.dataset.index));
  }

  /** @param {number} index */
  #take(index) {
    const item = this.#items[index];
    this.#input.value = "";
    this.close();
    if (item !== undefined) this.#pick(item);
  }
}
