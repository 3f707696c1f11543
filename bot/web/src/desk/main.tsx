// The desk's page: everything inside #desk.

import { render } from "preact";
import { io } from "socket.io-client";
import { languageOf } from "../tag";
import { App } from "./app";
import "./desk.css";
import { Desk } from "./desk";
import { wordsIn } from "./words";

const language = languageOf(document.documentElement.lang);
const socket = io("/desk", {
  transports: ["websocket"],
  auth: { language },
  autoConnect: false,
  reconnectionDelayMax: 5000,
});
const desk = new Desk(socket, sessionStorage);
const root = document.getElementById("desk");
if (root) {
  render(<App desk={desk} words={wordsIn(language)} />, root);
  desk.start();
}
