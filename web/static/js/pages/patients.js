/** The list of patients: results as typed take the place of those seen last. */

import { byId } from "../dom.js";
import * as search from "../search.js";

search.start({ onShown: (shown) => { byId("listed", HTMLElement).hidden = shown; } });
