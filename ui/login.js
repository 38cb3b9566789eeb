// Words that a link marks are named behind its #, which no server sees: they come back with the
// page that was wanted. Without it the page comes unmarked.
"use strict";

for (const form of document.querySelectorAll(".login form")) {
  form.action += location.hash;
}
