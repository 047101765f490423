/** What a server's stream of invalidations says, from now on. */
export class StreamLog {
  #said = ''
  readonly #decoder = new TextDecoder()
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>

  private constructor(body: ReadableStream<Uint8Array>) {
    this.#reader = body.getReader()
  }

  /** Returns when it has greeted. */
  static async of(url: string): Promise<StreamLog> {
    const { body } = await fetch(`${url}/api/v1/cache/stream`)
    const log = new StreamLog(body!)
    while (!log.#said.includes('event: hello')) {
      if (!(await log.#read())) throw new Error(`the stream of ${url} ended before it greeted`)
    }
    void log.#readOn()
    return log
  }

  /** The data of the invalidations. */
  get invalidations(): { patterns: string[]; reason: string }[] {
    const frames = this.#said.split('\n\n').slice(0, -1)
    const told = frames.filter((frame) => /^event: invalidate$/m.test(frame))
    return told.map((frame) => JSON.parse(/^data: (.*)$/m.exec(frame)![1]!) as { patterns: string[]; reason: string })
  }

  async end(): Promise<void> {
    await this.#reader.cancel()
  }

  async #read(): Promise<boolean> {
    const { done, value } = await this.#reader.read()
    this.#said += this.#decoder.decode(value, { stream: !done })
    return !done
  }

  /** Until somebody ends it, or the server does. */
  async #readOn(): Promise<void> {
    try {
      let more = true
      while (more) more = await this.#read()
    } catch {
      // The server is gone. Whoever waits for what it did not say is told so by his own test.
    }
  }
}
