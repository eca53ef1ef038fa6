/// The rules of RFC 6455 sections 5.5.1 and 7.4 for close frames.
enum CloseFrame {
    /// `code` if an endpoint may send it in a close frame, else 1000.
    static func sendable(_ code: Int) -> Int {
        (1000...4999).contains(code) && ![1004, 1005, 1006, 1015].contains(code) ? code : 1000
    }

    /// The longest prefix of whole characters that fits in 123 bytes of UTF-8, the space that a control frame leaves.
    static func cut(_ reason: String) -> [UInt8] {
        var kept = Substring(reason)
        while kept.utf8.count > 123 { kept.removeLast() }
        return Array(kept.utf8)
    }

    /// Code and reason of a received close frame's payload; 1005 and an empty reason if it holds no code.
    static func parse(_ payload: UnsafeRawBufferPointer) -> (code: Int, reason: String) {
        guard payload.count >= 2 else { return (1005, "") }
        return (Int(payload[0]) << 8 | Int(payload[1]), String(decoding: payload.dropFirst(2), as: UTF8.self))
    }
}
