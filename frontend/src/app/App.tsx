/** Providers around the router: cache, theme, keyboard, toasts. */
import { useEffect } from "react";
import { MantineProvider } from "@mantine/core";
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { router } from "@/app/router";
import { listen } from "@/lib/commands";
import { queries } from "@/lib/queries";
import { useSettings, useTheme } from "@/lib/settings";
import { theme } from "@/ui/theme";
import { Toasts } from "@/ui/toasts";

export function App() {
  const settings = useSettings();
  const shown = useTheme();
  useEffect(listen, []);
  useEffect(() => {
    document.documentElement.dataset["rows"] = settings.rows;
  }, [settings.rows]);
  return (
    // The page's policy allows no style elements: variables and global classes come from files (ui/tokens.css, ui/mantine.css).
    <MantineProvider theme={theme} forceColorScheme={shown} withCssVariables={false} withGlobalClasses={false}>
      <QueryClientProvider client={queries}>
        <RouterProvider router={router} />
        <Toasts />
      </QueryClientProvider>
    </MantineProvider>
  );
}
