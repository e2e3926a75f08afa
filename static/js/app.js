// Everything works without these; each adds one convenience.
import "./search.js";
import "./filter.js";
import "./unsaved.js";
import "./dismiss.js";
import "./ticks.js";
import "./passkey.js";
