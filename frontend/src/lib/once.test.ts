import { act, renderHook } from "@testing-library/react";
import { expect, test } from "vitest";
import { useOnce } from "@/lib/once";

test("an act asked for twice at once is done once, and can be done again afterwards", async () => {
  let done = 0;
  let release = () => {};
  const { result } = renderHook(() =>
    useOnce(async () => {
      done += 1;
      await new Promise<void>((resolve) => (release = resolve));
    }),
  );
  await act(async () => {
    const first = result.current.run();
    const second = result.current.run();
    release();
    await Promise.all([first, second]);
  });
  expect(done).toBe(1);
  await act(async () => {
    const again = result.current.run();
    release();
    await again;
  });
  expect(done).toBe(2);
});
