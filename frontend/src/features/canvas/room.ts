/** The part of the canvas that tools and zoom buttons leave free: there flows are fitted in. */
export const ROOM = { top: 68, right: 44, bottom: 20, left: 62 } as const;

export const FIT = { padding: { top: `${ROOM.top}px`, right: `${ROOM.right}px`, bottom: `${ROOM.bottom}px`, left: `${ROOM.left}px` }, maxZoom: 1 } as const;
