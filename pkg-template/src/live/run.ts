/** The user's fault must not end the connection: it is told as a promise's that nobody caught. */
export function run(callback: () => void): void {
  try {
    callback()
  } catch (error) {
    // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- whatever the user threw
    void Promise.reject(error)
  }
}
