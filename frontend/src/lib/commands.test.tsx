import { Menu, MantineProvider } from "@mantine/core";
import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { listen, useCommands } from "@/lib/commands";

const left = vi.fn();
const COMMANDS = [{ id: "page.back", title: "Back", group: "This page", keys: ["Escape"], run: left }];
let stop = () => {};

beforeAll(() => {
  vi.stubGlobal("matchMedia", () => ({ matches: false, addEventListener: () => {}, removeEventListener: () => {} }));
  vi.stubGlobal("ResizeObserver", class { observe() {} unobserve() {} disconnect() {} });
});
beforeEach(() => { stop = listen(); });
afterEach(() => {
  stop();
  cleanup();
  left.mockClear();
});

function PageWithMenu() {
  useCommands(COMMANDS);
  return (
    <MantineProvider>
      <Menu transitionProps={{ duration: 0 }}>
        <Menu.Target><button type="button">More</button></Menu.Target>
        <Menu.Dropdown><Menu.Item>Remove</Menu.Item></Menu.Dropdown>
      </Menu>
    </MantineProvider>
  );
}

test("Escape leaves the page where nothing is in front of it", () => {
  render(<PageWithMenu />);
  fireEvent.keyDown(document.body, { key: "Escape" });
  expect(left).toHaveBeenCalledOnce();
});

test("the Escape that closes a menu does not leave the page; the next one does", async () => {
  render(<PageWithMenu />);
  fireEvent.click(screen.getByText("More"));
  fireEvent.keyDown(await screen.findByText("Remove"), { key: "Escape" });
  expect(left).not.toHaveBeenCalled();
  expect(screen.queryByText("Remove")).toBeNull();
  fireEvent.keyDown(document.body, { key: "Escape" });
  expect(left).toHaveBeenCalledOnce();
});
