import { describe, expect, it } from "vitest";
import { callPath, joinPathOf, meetingPath, routeOf } from "./route";

const at = (path: string, search = "") => routeOf("https://meet.example", path, search);

describe("the address", () => {
  it("names a page", () => {
    expect(at("/")).toEqual({ page: "home" });
    expect(at("/admin/")).toEqual({ page: "admin" });
    expect(at("/admin/calls")).toEqual({ page: "calls" });
    expect(at("/join")).toEqual({ page: "joinById" });
    expect(at("/auth/callback", "?code=1")).toEqual({ page: "callback" });
    expect(at("/elsewhere")).toEqual({ page: "unknown", path: "/elsewhere" });
  });

  it("keeps a join link whole, with its escapes", () => {
    const path = "/l/meetup-join/19%3ameeting_abc%40thread.v2/0";
    const search = "?context=%7b%22Tid%22%3a%221%22%7d";
    expect(at(path, search)).toEqual({ page: "join", link: `https://meet.example${path}${search}` });
    expect(at("/meet/2846917351", "?p=x")).toEqual({ page: "join", link: "https://meet.example/meet/2846917351?p=x" });
  });

  it("needs something behind the beginning of a join link", () => {
    expect(at("/meet/").page).toBe("unknown");
    expect(at("/l/meetup-join/").page).toBe("unknown");
  });

  it("carries any id of a meeting or call there and back", () => {
    for (const id of ["MSox/abc+d==", "a b", "ä/ö?&#"]) {
      expect(at(meetingPath(id))).toEqual({ page: "meeting", id });
      expect(at(callPath(id))).toEqual({ page: "call", id });
    }
    expect(at("/admin/calls/%E0%A4%A").page).toBe("unknown");
    expect(at("/meetings/%E0%A4%A").page).toBe("unknown");
  });
});

describe("a link of a meeting", () => {
  it("is opened within the app whatever host it names, since the server that listed it owns it", () => {
    expect(joinPathOf("http://127.0.0.1:8080/l/meetup-join/x/0?context=%7b%7d")).toBe("/l/meetup-join/x/0?context=%7b%7d");
  });

  it("is left to the browser when it is of another kind", () => {
    expect(joinPathOf("https://other.example/room/1")).toBeUndefined();
    expect(joinPathOf("no link")).toBeUndefined();
  });
});
