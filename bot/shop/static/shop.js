// The demo shop's cart: what was put into it stays in this browser; the widget is told how many there are.
"use strict";
const KEY = "northern-lights-cart";

function show(count) {
  document.getElementById("cart").textContent = String(count);
  window.dispatchEvent(new CustomEvent("lichno:page", { detail: { cart: count } }));
}

let count = Number(localStorage.getItem(KEY)) || 0;
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-add]");
  if (!button) return;
  count += 1;
  localStorage.setItem(KEY, String(count));
  show(count);
});
addEventListener("load", () => show(count));
