"""What the trail's tags mean in words, for the auditor's pages."""

from __future__ import annotations

from web.i18n import N_, Translate

DEEDS = {
    "patient:read": N_("xem hồ sơ người bệnh"),
    "patient:register": N_("đăng ký người bệnh"),
    "patient:amend": N_("sửa thông tin người bệnh"),
    "patient:name": N_("ghi tên người bệnh"),
    "patient:join": N_("nối với hồ sơ đã có"),
    "patient:unnamed": N_("mở hồ sơ chưa rõ tên"),
    "patient:search": N_("tìm người bệnh"),
    "encounter:start": N_("bắt đầu lượt khám"),
    "encounter:read": N_("mở lượt khám"),
    "encounter:intake": N_("ghi lý do khám"),
    "encounter:write": N_("ghi lý do khám"),
    "encounter:cancel": N_("huỷ lượt khám"),
    "encounter:finish": N_("lượt khám khép lại"),
    "observation:record": N_("ghi sinh hiệu"),
    "observation:read": N_("xem sinh hiệu"),
    "attachment:store": N_("gửi ảnh"),
    "attachment:open": N_("xem ảnh"),
    "attachment:read": N_("xem ảnh"),
    "attachment:remove": N_("bỏ ảnh"),
    "consent:save": N_("ghi đồng ý"),
    "consent:read": N_("xem đồng ý"),
    "consent:emergency": N_("khẩn cấp, không chờ đồng ý"),
    "request:ask": N_("gọi bác sĩ"),
    "request:emergency": N_("gọi khẩn cấp"),
    "request:offer": N_("đổ chuông cho bác sĩ"),
    "request:ring": N_("xem tóm tắt khi chuông reo"),
    "request:show": N_("chuông đã hiện"),
    "request:shown": N_("chuông đã hiện"),
    "request:accept": N_("nhận ca"),
    "request:decline": N_("báo không nhận được"),
    "request:cancel": N_("huỷ lời gọi"),
    "request:read": N_("xem lời gọi"),
    "request:return": N_("trả lời gọi về hàng chờ"),
    "request:fail": N_("lời gọi không thành"),
    "request:withdraw": N_("thôi gọi"),
    "request:urge": N_("báo khẩn cho bác sĩ đang bận"),
    "request:in-progress": N_("ca bắt đầu"),
    "request:completed": N_("ca xong"),
    "request:cancelled": N_("lời gọi bị huỷ"),
    "request:failed": N_("lời gọi không thành"),
    "call:read": N_("mở cuộc gọi"),
    "call:opened": N_("cuộc gọi mở"),
    "call:connecting": N_("đang nối hình và tiếng"),
    "call:connected": N_("có hình và tiếng"),
    "call:reconnecting": N_("mất kết nối"),
    "call:not-connected": N_("chưa nối được hình và tiếng"),
    "call:ended": N_("cuộc gọi kết thúc"),
    "call:failed": N_("cuộc gọi không thành"),
    "call:gone": N_("máy không còn trả lời"),
    "call:entered": N_("vào cuộc gọi"),
    "call:left": N_("rời cuộc gọi"),
    "call:finish": N_("kết thúc ca"),
    "call:unfinish": N_("lấy lại kết thúc"),
    "message:write": N_("nhắn tin"),
    "message:say": N_("nhắn tin"),
    "message:read": N_("đọc tin nhắn"),
    "message:seen": N_("đã xem tin nhắn"),
    "note:read": N_("đọc ghi chú"),
    "note:draft": N_("viết ghi chú"),
    "note:save": N_("viết ghi chú"),
    "note:write": N_("viết ghi chú"),
    "note:sign": N_("ký ghi chú"),
    "note:addendum": N_("bổ sung ghi chú"),
    "note:amend": N_("bổ sung ghi chú"),
    "note:delete": N_("bỏ bản nháp ghi chú"),
    "note:print": N_("in lời dặn"),
    "note:versions": N_("xem các bản ghi chú"),
    "advice:read": N_("xem lời dặn"),
    "advice:print": N_("in lời dặn"),
    "audit:read": N_("xem ai đã đọc"),
    "vault:open": N_("mở không được"),
}
OUTCOMES = {"success": "", "refused": N_("bị từ chối"), "failed": N_("không mở được")}
PURPOSES = {
    "treatment": N_("khám chữa bệnh"), "emergency": N_("khẩn cấp"), "administration": N_("quản trị"),
    "patient-request": N_("người bệnh yêu cầu"), "system": N_("máy tự làm"),
}
REASONS = {
    "no-breathing": N_("ngừng thở hoặc bất tỉnh"), "short-of-breath": N_("khó thở nặng"),
    "bleeding": N_("chảy máu nhiều"),
    "other": N_("lý do khác"),
}


def words(translate: Translate, tag: str) -> str:
    """The deed in words; a tag without words is shown as it is rather than hidden."""
    return translate(DEEDS[tag]) if tag in DEEDS else tag
