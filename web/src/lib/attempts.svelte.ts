// What a view tries, and the failure that it shows until something succeeds.

export class Attempts {
  error = $state.raw<unknown>(null);

  async run(action: () => Promise<void>): Promise<void> {
    try {
      await action();
      this.error = null;
    } catch (failure) {
      this.error = failure;
    }
  }
}
