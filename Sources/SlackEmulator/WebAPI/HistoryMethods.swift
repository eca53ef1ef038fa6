import Bridge
import Foundation

/// conversations.history, conversations.replies and chat.getPermalink.
enum HistoryMethods {
    static func history(_ state: WorkspaceState, _ call: APIArguments) throws(APIError) -> JSONObject {
        let channel = try readable(call, in: state)
        let range = try Range(call)
        // Newest first, roots and broadcasts only.
        let all = state.messages.filter {
            $0.channel == channel.id && !$0.isEphemeral && (!$0.isReply || $0.isBroadcast) && range.holds($0.ts)
        }
        return try answer(all.reversed(), call, state, usually: 100, most: 999) { $0 <= $1 }
    }

    static func replies(_ state: WorkspaceState, _ call: APIArguments) throws(APIError) -> JSONObject {
        let channel = try readable(call, in: state)
        let ts = try call.required("ts")
        guard let named = state.message(channel: channel.id, ts: ts), !named.isEphemeral else {
            throw APIError("thread_not_found")
        }
        // For the ts of a reply Slack returns only that reply.
        let range = try Range(call)
        let thread = [named] + state.replies(channel: channel.id, ts: ts).filter { range.holds($0.ts) }
        return try answer(named.isReply ? [named] : thread, call, state, usually: 1_000, most: 1_000) { $0 >= $1 }
    }

    static func permalink(_ state: WorkspaceState, _ call: APIArguments) throws(APIError) -> JSONObject {
        let channel = try LookupMethods.visible(try call.required("channel"), in: state)
        let ts = try call.required("message_ts")
        guard let message = state.message(channel: channel.id, ts: ts) else { throw APIError("message_not_found") }
        var link = "\(state.baseURL)/archives/\(channel.id)/p\(ts.filter { $0 != "." })"
        if let thread = message.threadTS, message.isReply { link += "?thread_ts=\(thread)&cid=\(channel.id)" }
        return ["ok": true, "channel": .string(channel.id), "permalink": .string(link)]
    }

    private static func readable(_ call: APIArguments, in state: WorkspaceState) throws(APIError) -> ChannelState {
        let channel = try LookupMethods.visible(try call.required("channel"), in: state)
        let scope = ["channel": "channels:history", "group": "groups:history", "im": "im:history"][
            channel.kind.rawValue]
        if let scope, !state.options.scopes.contains(scope) { throw APIError("missing_scope", needed: scope) }
        guard channel.members.contains(state.options.bot.id) else { throw APIError("not_in_channel") }
        return channel
    }

    /// - Parameter isPast: whether a ts is at or after the cursor's ts, in the order of the messages.
    private static func answer(
        _ messages: [EmulatedMessage], _ call: APIArguments, _ state: WorkspaceState, usually: Int, most: Int,
        isPast: (Double, Double) -> Bool
    ) throws(APIError) -> JSONObject {
        let withMetadata = try call.bool("include_all_metadata") ?? false
        let limit = try call.int("limit") ?? usually
        guard (1...most).contains(limit) else { throw APIError("invalid_limit") }
        var rest = messages[...]
        if let cursor = try call.string("cursor"), !cursor.isEmpty {
            guard let next = Self.next(cursor) else { throw APIError("invalid_cursor") }
            rest = messages.drop { !isPast(Double($0.ts) ?? 0, next) }
        }
        let page = rest.prefix(limit)
        var answer: JSONObject = [
            "ok": true,
            "messages": .array(page.map { MessageJSON.message($0, in: state, withMetadata: withMetadata) }),
            "has_more": .bool(page.count < rest.count),
        ]
        if let next = rest.dropFirst(limit).first {
            answer["response_metadata"] = ["next_cursor": .string(cursor(next))]
        }
        return answer
    }

    /// A cursor holds the ts of the next message, as Slack's do, so that new messages do not shift pages.
    private static func cursor(_ message: EmulatedMessage) -> String {
        Data("next_ts:\(message.ts)".utf8).base64EncodedString()
    }

    private static func next(_ cursor: String) -> Double? {
        let text = Data(base64Encoded: cursor).map { String(decoding: $0, as: UTF8.self) } ?? ""
        return text.hasPrefix("next_ts:") ? Double(text.dropFirst(8)) : nil
    }

    /// `oldest` and `latest`; messages with exactly these ts are included only with `inclusive`.
    private struct Range {
        let oldest: String?
        let latest: String?
        let inclusive: Bool

        init(_ call: APIArguments) throws(APIError) {
            oldest = try Self.ts("oldest", call)
            latest = try Self.ts("latest", call)
            inclusive = try call.bool("inclusive") ?? false
        }

        private static func ts(_ name: String, _ call: APIArguments) throws(APIError) -> String? {
            guard let text = try call.string(name), !text.isEmpty else { return nil }
            guard Double(text) != nil else { throw APIError("invalid_ts_\(name)") }
            return text
        }

        func holds(_ ts: String) -> Bool {
            let time = Double(ts) ?? 0
            if let oldest = oldest.flatMap(Double.init), time < oldest || (time == oldest && !inclusive) {
                return false
            }
            if let latest = latest.flatMap(Double.init), time > latest || (time == latest && !inclusive) {
                return false
            }
            return true
        }
    }
}
