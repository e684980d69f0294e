import { expect, it } from "vitest";
import { endOf } from "./end";

it("says nothing more than needed to somebody who left", () => {
  expect(endOf({ code: 0, subCode: 0 }, true)).toMatchObject({ title: "You left the meeting", detail: "", canRejoin: true });
});

it("tells whoever ended the meeting for everybody from whoever left, and from whoever was removed at that moment", () => {
  expect(endOf({ code: 0, subCode: 0 }, true, true)).toMatchObject({ title: "You ended the meeting for everybody", canRejoin: false });
  expect(endOf({ code: 0, subCode: 0 }, true, false).title).toBe("You left the meeting");
  expect(endOf({ code: 0, subCode: 5300 }, true, true).title).toBe("You were removed from the meeting");
});

it("says why somebody was not let in and who can change it", () => {
  const end = endOf({ code: 403, subCode: 5222, message: "The organizer's meetings are not open to people without an account.", fixableBy: "administrator" }, false);
  expect(end).toMatchObject({
    title: "You could not join",
    detail: "The organizer's meetings are not open to people without an account.",
    help: "An administrator of the organisation can change this.",
    reference: "403/5222",
  });
});

it("does not offer to come back to somebody who was denied, and does to somebody who waited too long", () => {
  expect(endOf({ code: 403, subCode: 5854 }, false).canRejoin).toBe(false);
  expect(endOf({ code: 408, subCode: 5855 }, false).canRejoin).toBe(true);
});

it("does not say the same thing twice", () => {
  expect(endOf({ code: 403, subCode: 5916, message: "This meeting is locked." }, false).detail).toBe("");
});

it("tells a broken call from one that never began", () => {
  expect(endOf({ code: 408, subCode: 4506, message: "x" }, true).title).toBe("The meeting was interrupted");
  expect(endOf({ code: 408, subCode: 4506, message: "x" }, false).title).toBe("You could not join");
});
