"""How each error is told to people: two errors of our own, and a table from errors to sentences."""

from __future__ import annotations

from dataclasses import dataclass

from records.errors import CannotOpen, Conflict, Crowded, Invalid, NotAllowed, NotFound, Sealed, Unavailable
from signaling.far_ends import AllBusy, NoFarEnd, NoSuchCheck
from web.i18n import N_


class SignInNeeded(Exception):
    """Only somebody who has signed in may see this."""

    code = "sign-in-needed"


class Busy(Exception):
    """Too many people sign in at this moment."""

    code = "busy"


@dataclass(frozen=True)
class Reply:
    """How one kind of error is told: HTTP status, stable code, what happened, what is safe and what to do now."""

    status: int
    code: str
    title: str
    advice: str


NOT_FOUND = Reply(
    404, "not-found", N_("Không có trang này"),
    N_("Có thể địa chỉ đã đổi, hoặc trang thuộc về một cơ sở khác."),
)
UNKNOWN = Reply(
    500, "internal", N_("Có lỗi trong phần mềm"),
    N_("Những gì đã báo “Đã lưu” vẫn còn. Hãy thử lại; nếu vẫn lỗi, đọc số bên dưới cho người quản trị."),
)
DISK_FULL = Reply(
    507, "disk-full", N_("Đĩa của máy chủ đã đầy"),
    N_("Chưa lưu được lần này; những gì đã báo “Đã lưu” vẫn còn. Hãy báo người quản trị."),
)
GENERAL = Reply(400, "bad-request", N_("Máy chủ không hiểu yêu cầu này"), N_("Hãy tải lại trang rồi thử lại."))

FROM_RECORDS: dict[type[Exception], Reply] = {
    NotFound: NOT_FOUND,
    NotAllowed: Reply(
        403, "not-allowed", N_("Bạn không có quyền mở trang này"),
        N_("Nếu công việc của bạn cần trang này, hãy hỏi người quản trị."),
    ),
    SignInNeeded: Reply(401, "sign-in-needed", N_("Cần đăng nhập"), N_("Hãy đăng nhập rồi thử lại.")),
    Invalid: Reply(
        422, "invalid", N_("Có chỗ điền chưa đúng"), N_("Hãy quay lại, sửa chỗ được đánh dấu rồi gửi lại."),
    ),
    Conflict: Reply(
        409, "conflict", N_("Người khác vừa thay đổi"), N_("Hãy tải lại trang để xem bản mới nhất rồi làm tiếp."),
    ),
    CannotOpen: Reply(
        500, "cannot-open", N_("Hồ sơ còn nguyên nhưng lúc này chưa mở được"),
        N_("Đừng nhập lại. Hãy báo người quản trị: khoá mở hồ sơ không khớp."),
    ),
    Sealed: Reply(
        503, "sealed", N_("Hồ sơ đang được niêm phong"),
        N_("Máy chủ chưa có khoá. Cuộc gọi vẫn dùng được. Hãy báo người quản trị; trang tự mở lại khi có khoá."),
    ),
    Unavailable: Reply(
        503, "unavailable", N_("Máy chủ chưa đọc được dữ liệu"),
        N_("Những gì đã báo “Đã lưu” vẫn còn. Hãy thử lại sau ít phút."),
    ),
    AllBusy: Reply(
        503, "check-busy", N_("Máy chủ đang đo đường truyền cho nhiều nơi"), N_("Hãy thử lại sau nửa phút."),
    ),
    NoFarEnd: Reply(503, "check-failed", N_("Lần đo này không thành"), N_("Hãy bấm kiểm tra lại.")),
    NoSuchCheck: Reply(404, "check-over", N_("Lần đo này không thành"), N_("Hãy bấm kiểm tra lại.")),
    Crowded: Reply(
        503, "crowded", N_("Đang có nhiều ảnh gửi lên cùng lúc"), N_("Ảnh này chưa được nhận. Hãy gửi lại sau nửa phút."),
    ),
    Busy: Reply(503, "busy", N_("Đang có nhiều người đăng nhập cùng lúc"), N_("Hãy thử lại sau nửa phút.")),
}
FROM_HTTP = {
    403: Reply(
        403, "cross-site", N_("Yêu cầu này đến từ một trang khác"),
        N_("Hãy mở lại trang này từ địa chỉ quen thuộc rồi làm lại."),
    ),
    404: NOT_FOUND,
    405: Reply(405, "method-not-allowed", N_("Trang này không làm được việc đó"), N_("Hãy quay lại trang trước.")),
    413: Reply(413, "too-large", N_("Tệp gửi lên lớn quá"), N_("Hãy gửi tệp nhỏ hơn.")),
}
