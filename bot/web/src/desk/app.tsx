// The desk: signing in, then head, list and conversation.

import { useEffect } from "preact/hooks";
import { useView } from "../observed";
import { fill } from "../texts";
import { useArrivals, useTitle } from "./attention";
import { ConversationPane } from "./conversation";
import type { Desk } from "./desk";
import { FeedbackPane } from "./feedback";
import { Head } from "./head";
import { ClosedPane, QueuePane } from "./lists";
import { refusalIn } from "./refusals";
import { useRoute } from "./route";
import { SignInPage } from "./sign_in";
import { pressing } from "./state";
import type { Words } from "./words";

export function App({ desk, words }: { desk: Desk; words: Words }) {
  const view = useView(desk);
  const route = useRoute();
  const { queue, status } = view;
  useEffect(() => void desk.show(route.id), [desk, route.id]);
  useTitle(words.title, status === "signed_out" ? 0 : pressing(queue, view.unread));
  useArrivals(desk, view, words);

  if (status === "signed_out") return <SignInPage desk={desk} words={words} />;
  if (!queue)
    return (
      <main class="alone">
        <p role="status">{status === "offline" ? words.offline : words.connecting}</p>
      </main>
    );
  return (
    <div class="desk">
      <Head desk={desk} view={view} queue={queue} route={route} words={words} />
      <div class={status === "offline" ? "strip" : "hidden"} role="status">
        {status === "offline" && words.offline}
      </div>
      <div class="hidden" role="status">
        {view.arrived && fill(words.arrivedNews, { name: view.arrived.customer ?? words.visitor })}
      </div>
      <div class={view.notice ? "strip bad" : "hidden"} role="alert">
        {view.notice && refusalIn(words, view.notice)}
        {view.notice && (
          <button type="button" class="link" onClick={() => desk.dismiss()}>
            {words.dismiss}
          </button>
        )}
      </div>
      {route.page === "feedback" ? (
        <FeedbackPane desk={desk} view={view} words={words} />
      ) : (
        <main class={route.id === null ? "panes" : "panes reading"}>
          {route.page === "history" ? (
            <ClosedPane desk={desk} view={view} words={words} />
          ) : (
            <QueuePane view={view} queue={queue} words={words} />
          )}
          <ConversationPane key={route.id} desk={desk} view={view} route={route} words={words} />
        </main>
      )}
    </div>
  );
}
