// One conversation with the notes. It lives outside of the view, so that an answer goes on being
// written while another view is looked at, and a question outlives a reload.

import {
  ApiError,
  ask,
  deleteConversation,
  getConversation,
  getConversations,
  isAborted,
} from '../api';
import { Attempts } from '../lib/attempts.svelte';
import { readJson, readText, writeJson, writeText } from '../lib/storage';
import { preferences } from '../preferences.svelte';
import type {
  AskRequest,
  AskResult,
  Citation,
  ConversationSummary,
  Hit,
  SearchDecision,
  StoredTurn,
  Turn,
} from '../types';

/** Turns that are sent along; the daemon carries fewer of them into a search (ask.carried_turns). */
const kTurnsSentMax = 20;

export type TurnState = 'running' | 'done' | 'stopped' | 'interrupted' | 'failed';

/** What a person changed before asking again. */
export type Changes = Partial<Pick<AskRequest, 'standalone_query' | 'filter' | 'search'>>;

export class AskTurn {
  state = $state<TurnState>('running');
  text = $state('');
  sources = $state.raw<Hit[]>([]);
  /** How much of its prompt a local model has read, 0 to 1; null where none says. */
  readShare = $state<number | null>(null);
  result = $state.raw<AskResult | null>(null);
  citations = $state.raw<Citation[]>([]);
  standaloneQuery = $state('');
  error = $state.raw<unknown>(null);
  changes: Changes = {};
  /** The conversation of the daemon has it. */
  isStored = false;
  /** The turn of that conversation from which on this one replaces it. */
  replaces: number | null = null;
  /** Questions that the daemon still has after it, and that are not shown any more. */
  hidden: string[] = [];

  constructor(readonly question: string) {}
}

function turnsOf(stored: StoredTurn[]): AskTurn[] {
  const turns: AskTurn[] = [];
  for (const { role, content, citations, standalone_query } of stored) {
    if (role === 'user') turns.push(new AskTurn(content));
    const turn = turns.at(-1);
    if (!turn) continue;
    turn.isStored = true;
    turn.state = role === 'user' ? 'interrupted' : 'done';
    if (role === 'user') continue;
    turn.text = content;
    turn.citations = citations ?? [];
    turn.standaloneQuery = standalone_query ?? '';
  }
  return turns;
}

interface Pending {
  question: string;
  conversation: number | null;
  /** Turns of that conversation which come before it. */
  earlier: number;
  collection: string;
}

const forgetPending = () => writeText('session', 'ask.pending', null);

class AskState {
  turns = $state<AskTurn[]>([]);
  conversation = $state<number | null>(null);
  conversations = $state.raw<ConversationSummary[]>([]);
  draft = $state('');
  filter = $state('');
  search = $state<SearchDecision>('auto');
  readonly attempts = new Attempts();
  private running: AbortController | null = null;
  private restoring: Promise<void> | null = null;
  /** Until then no other conversation is opened: it would take the place of the question cut off. */
  isRestored = false;

  get isRunning(): boolean {
    return this.turns.at(-1)?.state === 'running';
  }

  /** After a reload: the draft, and the question whose answer was cut off. */
  restore(conversation: number | null): Promise<void> {
    this.restoring ??= this.restoreOnce(conversation).finally(() => (this.isRestored = true));
    return this.restoring;
  }

  private async restoreOnce(conversation: number | null): Promise<void> {
    this.draft = readText('session', 'ask.draft') ?? '';
    const pending = readJson<Pending | null>('session', 'ask.pending', null);
    const wanted =
      pending?.collection === preferences.collection ? pending.conversation : conversation;
    if (wanted !== null) await this.open(wanted);
    if (pending && pending.collection === preferences.collection) {
      const turn = new AskTurn(pending.question);
      turn.state = 'interrupted';
      // What the daemon stored of it before it was cut off, or what it was to replace.
      if (this.turns[pending.earlier]?.question === pending.question) {
        const replaced = this.turns.splice(pending.earlier);
        turn.isStored = true;
        turn.hidden = replaced.slice(1).map(({ question }) => question);
      }
      this.turns.push(turn);
      writeJson('session', 'ask.pending', pending);
    }
  }

  keepDraft(): void {
    writeText('session', 'ask.draft', this.draft === '' ? null : this.draft);
  }

  async refresh(): Promise<void> {
    await this.attempts.run(async () => {
      this.conversations = await getConversations(preferences.collection);
    });
  }

  async open(id: number): Promise<void> {
    if (this.conversation === id && this.turns.length > 0) return;
    this.begin();
    await this.attempts.run(async () => {
      const stored = await getConversation(preferences.collection, id);
      this.conversation = id;
      this.turns = turnsOf(stored);
    });
  }

  /** A new conversation. */
  begin(): void {
    this.stop();
    forgetPending();
    this.turns = [];
    this.conversation = null;
    this.attempts.error = null;
  }

  async remove(id: number): Promise<void> {
    await this.attempts.run(async () => {
      await deleteConversation(preferences.collection, id);
      if (this.conversation === id) this.begin();
    });
    await this.refresh();
  }

  send(): void {
    const question = this.draft.trim();
    if (question === '' || this.isRunning) return;
    this.draft = '';
    this.keepDraft();
    void this.run(new AskTurn(question));
  }

  /** Asks a question anew, in place of its answer and of all that came after it. */
  async again(asked: AskTurn, changes: Changes): Promise<void> {
    const at = this.turns.indexOf(asked);
    if (at < 0 || this.isRunning) return;
    const turn = new AskTurn(asked.question);
    turn.changes = { ...asked.changes, ...changes };
    const isPlaced = await this.place(turn, asked, at);
    if (!isPlaced || this.turns[at] !== asked || this.isRunning) return;
    this.turns.length = at;
    await this.run(turn);
  }

  stop(): void {
    this.running?.abort();
  }

  /**
   * Finds what of the daemon's conversation `turn` is to replace, for `asked` at `at`. False where the
   * conversation went on elsewhere: it is shown as it is now, and nothing is to be replaced unseen.
   */
  private async place(turn: AskTurn, asked: AskTurn, at: number): Promise<boolean> {
    const id = this.conversation;
    if (id === null) return true;
    let isPlaced = false;
    await this.attempts.run(async () => {
      const stored = await getConversation(preferences.collection, id);
      const before = this.turns.slice(0, at).filter((past) => past.isStored).length;
      const places = stored.flatMap(({ role }, i) => (role === 'user' ? [i] : [])).slice(before);
      const found = places.map((i) => stored[i]!.content);
      const known = this.turns
        .slice(at)
        .flatMap((past) => (past.isStored ? [past.question, ...past.hidden] : past.hidden));
      // Of an answer that was cut short the daemon has what had been said by then, if anything had.
      if (!asked.isStored && found.length > known.length && found[0] === asked.question)
        known.unshift(asked.question);
      const isAsKnown = found.length === known.length && found.every((it, i) => it === known[i]);
      if (isAsKnown && places.length > 0) {
        turn.replaces = places[0]!;
        turn.hidden = found.slice(1);
      }
      isPlaced = isAsKnown || (!asked.isStored && at === this.turns.length - 1);
      if (!isPlaced) this.turns = turnsOf(stored);
    });
    return isPlaced;
  }

  private request(turn: AskTurn): AskRequest {
    const earlier = this.turns.flatMap((past): Turn[] =>
      past.text === ''
        ? []
        : [
            { role: 'user', content: past.question },
            { role: 'assistant', content: past.text },
          ],
    );
    return {
      question: turn.question,
      conversation: earlier.slice(-kTurnsSentMax),
      conversation_id: this.conversation,
      remember: true,
      collection: preferences.collection,
      filter: this.filter,
      explain: true,
      search: this.search,
      ...(turn.replaces === null ? {} : { replaces_turn: turn.replaces }),
      ...turn.changes,
    };
  }

  private async run(added: AskTurn): Promise<void> {
    const request = this.request(added);
    this.turns.push(added);
    const turn = this.turns.at(-1)!;
    const stop = (this.running = new AbortController());
    const pending: Pending = {
      question: turn.question,
      conversation: this.conversation,
      earlier: this.turns.filter((past) => past !== turn && past.isStored).length,
      collection: request.collection,
    };
    writeJson('session', 'ask.pending', pending);
    try {
      for await (const event of ask(request, stop.signal)) {
        if (event.name === 'sources') turn.sources = event.sources;
        else if (event.name === 'reading') turn.readShare = event.read / event.total;
        else if (event.name === 'text') turn.text += event.text;
        else this.finish(turn, event.answer);
      }
    } catch (error) {
      const isCutOff = error instanceof ApiError && error.code === 'disconnected';
      turn.state = stop.signal.aborted ? 'stopped' : isCutOff ? 'interrupted' : 'failed';
      if (!isAborted(error)) turn.error = error;
    }
    // A page that is being left sees its streams break too: what was cut off stays pending.
    if (this.running === stop && turn.state !== 'interrupted') forgetPending();
    void this.refresh();
  }

  private finish(turn: AskTurn, answer: AskResult): void {
    turn.result = answer;
    turn.text = answer.answer;
    turn.sources = answer.sources;
    turn.citations = answer.citations;
    turn.standaloneQuery = answer.standalone_query;
    turn.state = 'done';
    this.conversation = answer.conversation_id ?? this.conversation;
    if (answer.conversation_id === null || answer.not_remembered) return;
    turn.isStored = true;
    turn.hidden = [];
  }
}

export const asking = new AskState();
