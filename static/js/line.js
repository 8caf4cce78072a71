// The connection of a live page: one websocket at a time. It counts as lost as soon as the browser
// says that it is offline, or after a silence: a connection that carries nothing any more does not
// close by itself. After a loss, and after a pause, it goes on from what the page shows.

const NOT_FOUND = 4404;
const SILENT_MS = 12_000; // the server says every 5 seconds that it is there
const STALE_MS = 6_000; // on coming back to the page
const SPREAD_MS = 400; // within which pages come back that all lose their server
const LAST = ["ready", "void", "over"]; // after which nothing comes

export class Line {
  attempts = 0;
  isOver = false;
  isPaused = false;

  // `address` is where to connect; `take` gets the frames; `tell` hears whether it is connected.
  constructor({ address, take, tell }) {
    Object.assign(this, { address, take, tell });
    addEventListener("offline", () => this.lose());
    addEventListener("online", () => this.wake(0));
    addEventListener("pageshow", ({ persisted }) => persisted && this.wake(0));
    document.addEventListener("visibilitychange", () => document.hidden || this.wake(STALE_MS));
    this.open();
  }

  pause() {
    this.isPaused = true;
    this.leave();
  }

  resume() {
    this.isPaused = false;
    this.wake(0);
  }

  open() {
    this.leave();
    const socket = new WebSocket(this.address());
    this.socket = socket;
    this.listen();
    socket.addEventListener("message", ({ data }) => {
      if (socket === this.socket) this.hear(JSON.parse(data));
    });
    socket.addEventListener("close", ({ code }) => {
      if (socket === this.socket && !this.isOver && code !== NOT_FOUND) this.again();
    });
  }

  hear(frame) {
    this.attempts = 0;
    this.isOver = LAST.includes(frame.op);
    this.listen();
    this.tell(true);
    this.take(frame);
    if (this.isOver) clearTimeout(this.silence);
  }

  listen() {
    this.heard = performance.now();
    clearTimeout(this.silence);
    this.silence = setTimeout(() => {
      this.tell(false);
      this.again();
    }, SILENT_MS);
  }

  // Connect again, soon the first time, then with growing pauses.
  again() {
    if (!navigator.onLine) return this.lose();
    this.leave();
    if (this.attempts) this.tell(false);
    const pause = this.attempts ? Math.min(250 * 2 ** this.attempts, 5000) : 0;
    this.attempts += 1;
    this.retry = setTimeout(() => this.open(), pause + Math.random() * SPREAD_MS);
  }

  leave() {
    clearTimeout(this.silence);
    clearTimeout(this.retry);
    const socket = this.socket;
    this.socket = null;
    socket?.close();
  }

  lose() {
    if (this.isOver || this.isPaused) return;
    this.leave();
    this.tell(false);
    this.retry = setTimeout(() => this.open(), SILENT_MS); // in case nobody says "online"
  }

  wake(stale) {
    if (this.isOver || this.isPaused) return;
    if (this.socket && performance.now() - this.heard < stale) return;
    this.attempts = 0;
    this.open();
  }
}
