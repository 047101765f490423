import { By, error, type WebDriver } from 'selenium-webdriver'
import { expect } from 'vitest'

/** A request as `witness.js` notes it when it begins. */
export interface Request {
  path: string
  /** Whether the page could be seen then. */
  visible: boolean
  /** Milliseconds since the epoch. */
  at: number
}

/** Paths that are asked for without anybody's doing, at short intervals or whenever the stream is sought again. */
const POLLED = /\/(metrics\/realtime|cache\/stats|cache\/stream)\b/

/** A window or a tab. Each call goes to it, whichever was called before. */
export class View {
  readonly #driver: WebDriver
  readonly #handle: string

  constructor(driver: WebDriver, handle: string) {
    this.#driver = driver
    this.#handle = handle
  }

  async goto(url: string): Promise<void> {
    await (await this.#here()).get(url)
  }

  async reload(): Promise<void> {
    await (await this.#here()).navigate().refresh()
  }

  async back(): Promise<void> {
    await (await this.#here()).navigate().back()
  }

  async close(): Promise<void> {
    await (await this.#here()).close()
  }

  /** What a script's body gives. */
  async read<T>(script: string, ...args: unknown[]): Promise<T> {
    return (await this.#here()).executeScript<T>(script, ...args)
  }

  /** The text of the first element of a selector, `undefined` if there is none. */
  async text(selector: string): Promise<string | undefined> {
    const text = await this.read<string | null>('return document.querySelector(arguments[0])?.textContent ?? null', selector)
    return text?.trim()
  }

  async count(selector: string): Promise<number> {
    return this.read<number>('return document.querySelectorAll(arguments[0]).length', selector)
  }

  /** A real click on the first that is shown of an XPath. */
  async click(path: string): Promise<void> {
    const driver = await this.#here()
    await expect
      .poll(async () => {
        try {
          for (const element of await driver.findElements(By.xpath(path))) {
            if (!(await element.isDisplayed())) continue
            await element.click()
            return 'clicked'
          }
          return `nothing to click at ${path}`
        } catch (fault) {
          // React has drawn it anew between the finding and the click.
          if (fault instanceof error.StaleElementReferenceError || fault instanceof error.NoSuchElementError) return 'drawn anew'
          throw fault
        }
      })
      .toBe('clicked')
  }

  async press(selector: string, ...keys: string[]): Promise<void> {
    const driver = await this.#here()
    await driver.findElement(By.css(selector)).sendKeys(...keys)
  }

  async screenshot(): Promise<Buffer> {
    return Buffer.from(await (await this.#here()).takeScreenshot(), 'base64')
  }

  async resize(width: number, height: number): Promise<void> {
    await (await this.#here()).manage().window().setRect({ width, height })
  }

  /** Minimises its window, so that nobody sees it, as with a tab that lies behind another. */
  async hide(): Promise<void> {
    await (await this.#here()).manage().window().minimize()
    await expect.poll(() => this.read('return document.visibilityState')).toBe('hidden')
  }

  /** Brings its window back. */
  async show(): Promise<void> {
    await this.resize(1200, 900)
    await expect.poll(() => this.read('return document.visibilityState')).toBe('visible')
  }

  /** What the page has asked the API for since it was loaded, or since `forget`. */
  async requests(): Promise<Request[]> {
    const all = await this.read<Request[]>('return witness.requests')
    return all.filter(({ path }) => path.startsWith('/api/') && !POLLED.test(path))
  }

  /** How often a path was asked for, polls too. */
  async asked(path: string): Promise<number> {
    return this.read<number>('return witness.requests.filter((request) => request.path.includes(arguments[0])).length', path)
  }

  async forget(): Promise<void> {
    await this.read('witness.requests.length = 0')
  }

  async errors(): Promise<string[]> {
    return this.read<string[]>('return witness.errors')
  }

  async #here(): Promise<WebDriver> {
    await this.#driver.switchTo().window(this.#handle)
    return this.#driver
  }
}
