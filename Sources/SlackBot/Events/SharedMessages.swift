import Bridge
import Foundation

/// The messages that a message forwards. Slack has them as `attachments` with `is_share` (Share message), or with
/// `is_msg_unfurl` (the link of a message).
enum SharedMessages {
    /// The most messages and the most characters of them together that are read; the rest is cut.
    private static let most = 20
    private static let longest = 40_000

    /// The forwarded messages, in their order.
    static func quotes(in message: JSONValue) -> [QuotedMessage] {
        var left = longest
        return (message["attachments"]?.array ?? []).filter(isShared).prefix(most).compactMap { attachment in
            guard left > 0, var quote = Self.quote(attachment) else { return nil }
            if quote.text.count > left { quote.text = String(quote.text.prefix(left)) + " [cut]" }
            left -= quote.text.count
            return quote
        }
    }

    /// The files of the forwarded messages, each with its author.
    static func files(in message: JSONValue) -> [SlackFile] {
        (message["attachments"]?.array ?? []).filter(isShared).prefix(most).flatMap { attachment in
            let quote = quote(attachment)
            let author = quote?.account ?? quote?.author ?? "unknown"
            return SlackFile.list(attachment["files"]).map { $0.posted(by: author) }
        }
    }

    static func isShared(_ attachment: JSONValue) -> Bool {
        attachment["is_share"]?.bool == true || attachment["is_msg_unfurl"]?.bool == true
    }

    /// The message of such an attachment; nil when it has neither an author nor words.
    static func quote(_ attachment: JSONValue) -> QuotedMessage? {
        let names = ["author_name", "author_subname", "author_id"].compactMap { attachment[$0]?.string }
        let author = names.first { !$0.isEmpty }
        let text = SlackMessageText.shared(attachment)
        guard author != nil || !text.isEmpty else { return nil }
        let channel = attachment["channel_name"]?.string.flatMap { $0.isEmpty ? nil : "#\($0)" }
        let seconds = attachment["ts"].flatMap { $0.double ?? $0.string.flatMap(Double.init) }
        return QuotedMessage(
            author: author ?? "unknown", account: attachment["author_id"]?.string,
            place: channel ?? attachment["channel_id"]?.string, text: text,
            sentAt: seconds.map { Date(timeIntervalSince1970: $0) })
    }
}
