// Server-Sent Events from text as it arrives, cut anywhere. As the HTML standard reads them: LF, CR or
// CRLF, a leading BOM, comments, `retry`, and an event only when its blank line has come.

export interface SseEvent {
  readonly id: string | undefined;
  readonly event: string;
  readonly data: string;
}

const LINE_MAX = 1 << 20;

export class SseParser {
  retryMs: number | undefined;
  private rest = '';
  private started = false;
  private id: string | undefined;
  private event = '';
  private data: string[] = [];

  push(text: string): SseEvent[] {
    const events: SseEvent[] = [];
    let buffer = this.rest + text;
    if (!this.started && buffer.length > 0) {
      if (buffer.charCodeAt(0) === 0xfeff) buffer = buffer.slice(1);
      this.started = true;
    }
    let from = 0;
    for (;;) {
      let end = from;
      while (end < buffer.length) {
        const c = buffer.charCodeAt(end);
        if (c === 10 || c === 13) break;
        ++end;
      }
      if (end >= buffer.length) break;
      // A CR at the very end may be half of a CRLF.
      if (buffer.charCodeAt(end) === 13 && end + 1 >= buffer.length) break;
      this.line(buffer.slice(from, end), events);
      from = end + (buffer.charCodeAt(end) === 13 && buffer.charCodeAt(end + 1) === 10 ? 2 : 1);
    }
    this.rest = buffer.slice(from);
    // A line without end is no stream of ours; it must not eat the memory.
    if (this.rest.length > LINE_MAX) this.rest = '';
    return events;
  }

  private line(line: string, events: SseEvent[]): void {
    if (line === '') {
      if (this.data.length > 0) {
        events.push({ id: this.id, event: this.event || 'message', data: this.data.join('\n') });
      }
      this.event = '';
      this.data = [];
      return;
    }
    const colon = line.indexOf(':');
    if (colon === 0) return;
    const field = colon < 0 ? line : line.slice(0, colon);
    let value = colon < 0 ? '' : line.slice(colon + 1);
    if (value.startsWith(' ')) value = value.slice(1);
    if (field === 'data') this.data.push(value);
    else if (field === 'event') this.event = value;
    else if (field === 'id' && !value.includes('\0')) this.id = value;
    else if (field === 'retry' && /^\d{1,9}$/.test(value)) this.retryMs = Number(value);
  }
}
