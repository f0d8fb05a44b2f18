/** What every page of a worker has: "Khẩn cấp", and the strip that tells of a doctor who waits. */

import "./doctor_waits.js";
import "./emergency.js";
