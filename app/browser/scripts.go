package browser

// askScript calls a function and brings back its value, or what went wrong with what the page shows.
const askScript = `(() => {
%s
	try {
		return {value: (%s)(...%s), problem: "", url: "", text: ""};
	} catch (e) {
		return {value: "", problem: String(e.message ?? e), url: document.location.href,
			text: (document.body?.innerText ?? "").slice(0, 1500)};
	}
})()`

// lookScript holds what every other script looks things up with.
const lookScript = `
	const flat = s => s.replace(/[\s\u00a0\u202f]+/g, " ").trim();
	const shown = e => e.getClientRects().length > 0 && e.checkVisibility({visibilityProperty: true});
	const name = e => !e ? "" : e.localName + (e.id ? "#" + e.id :
		e.name ? "[name=" + e.name + "]" : e.classList?.length ? "." + e.classList[0] : "");
	const first = selector => {
		const e = document.querySelector(selector);
		if (!e) throw new Error("nothing is found");
		return e;
	};
	const one = selector => {
		const all = Array.from(document.querySelectorAll(selector));
		const seen = all.filter(shown);
		const found = seen.length ? seen : all;
		if (found.length === 0) throw new Error("nothing is found");
		if (found.length > 1) throw new Error(found.length + " are found, which one?");
		return found[0];
	};
	const reading = text => {
		const actors = "a[href], button, summary, [role=button], [role=tab], input[type=submit]";
		const seen = Array.from(document.querySelectorAll(actors)).filter(shown);
		const words = e => flat(e.innerText || e.value || e.getAttribute("aria-label") || "");
		const found = seen.filter(e => words(e) === flat(text));
		if (found.length === 0) throw new Error("nothing to click reads so; there is: " + seen.map(words).join(" | "));
		const same = found.every(e => e.href !== undefined && e.href === found[0].href);
		if (found.length > 1 && !same) throw new Error(found.length + " read so, which one?");
		return found[0];
	};
	const spot = e => {
		if (!shown(e)) throw new Error(name(e) + " is not visible");
		if (e.disabled) throw new Error(name(e) + " is disabled");
		e.scrollIntoView({block: "center", inline: "nearest", behavior: "instant"});
		const box = e.getClientRects()[0];
		const x = box.left + box.width / 2, y = box.top + box.height / 2;
		const top = document.elementFromPoint(x, y);
		const label = top?.closest("label")?.control;
		if (!top || !(e.contains(top) || top.contains(e) && top.localName === "label" || label === e)) {
			throw new Error(name(e) + " is covered by " + name(top));
		}
		return JSON.stringify({X: x, Y: y});
	};
	const changed = e => {
		e.dispatchEvent(new Event("input", {bubbles: true}));
		e.dispatchEvent(new Event("change", {bubbles: true}));
	};
	const open = e => {
		if (!shown(e)) throw new Error(name(e) + " is not visible");
		if (e.disabled || e.readOnly) throw new Error(name(e) + " cannot be changed");
		e.focus();
		return e;
	};
`

const fillScript = `(selector, value) => {
	const e = open(one(selector));
	e.value = value;
	// A date that is none, or letters in a number, leave the field empty without a word.
	if (e.value !== value && flat(e.value) !== flat(value)) throw new Error(name(e) + " does not take " + value);
	changed(e);
	return "";
}`

const selectScript = `(selector, option) => {
	const e = open(one(selector));
	const found = Array.from(e.options).find(o => o.value === option || flat(o.text) === flat(option));
	if (!found) throw new Error("no option " + option + "; there is: " + Array.from(e.options, o => flat(o.text)).join(" | "));
	e.value = found.value;
	changed(e);
	return "";
}`

// overflowScript leaves out what scrolls inside a box of its own, such as a wide table.
const overflowScript = `() => {
	const width = document.documentElement.clientWidth;
	if (document.documentElement.scrollWidth <= width) return "[]";
	const clipped = e => {
		for (let up = e.parentElement; up && up !== document.body; up = up.parentElement) {
			if (getComputedStyle(up).overflowX !== "visible") return true;
		}
		return false;
	};
	const wide = Array.from(document.body.querySelectorAll("*"))
		.filter(e => e.getBoundingClientRect().right > width + 1 && shown(e) && !clipped(e));
	return JSON.stringify(wide.slice(0, 8).map(e => name(e) + " ends at " + Math.round(e.getBoundingClientRect().right)));
}`
