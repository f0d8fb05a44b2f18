/** What finds a diagnosis in a note: the list and the field that offers it. Asked for by name, when the note is touched. */

export { load, search } from "./conditions.js";
export { Picker } from "./picker.js";
