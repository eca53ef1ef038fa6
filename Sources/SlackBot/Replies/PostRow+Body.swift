import Analytics
import Bridge

/// What the body of a row says beside its message (``SlackMessage/json``) or file (``FilePost/json``). The rows of an
/// earlier version are read too, so the stored keys stay as they are.
extension PostRow {
    /// What a message that is still a stream lacks when it is ended.
    struct StreamRest: Sendable, Hashable {
        var chunks: [StreamChunk]
        var blocks: [JSONValue]
    }

    /// Whether the post goes to the asker's direct messages.
    var isDirect: Bool {
        get { has("direct") }
        set { set("direct", newValue) }
    }

    /// Whether the message is no part of the answer and has to be deleted; without `ts`, if it exists.
    var isSurplus: Bool {
        get { has("surplus") }
        set { set("surplus", newValue) }
    }

    /// The part by whose key the message is searched for, if it is not the row's own: a row may move, the key may not.
    var searchedPart: Int? {
        get { body?["searched"]?.int }
        set { body?["searched"] = newValue.map { .int(Int64($0)) } }
    }

    /// Whether later messages of the answer are in the thread already, so that this one must stay in its place.
    var isFollowed: Bool {
        get { has("followed") }
        set { set("followed", newValue) }
    }

    /// Whether the post shows a private answer to everyone (``PublicAnswer``).
    var isForEveryone: Bool {
        get { has("shown") }
        set { set("shown", newValue) }
    }

    /// `ts` of the message that is deleted when this post, which replaces it, was sent; nil: none.
    var replaces: String? {
        get { body?["replaces"]?.string }
        set { body?["replaces"] = newValue.map { .string($0) } }
    }

    /// `ts` of the message in the thread that becomes this post or is deleted for it; nil: none.
    var predecessor: String? { ts ?? replaces }

    /// What ends the stream that the message `ts` is; nil when it is none.
    var streamRest: StreamRest? {
        get {
            body?["stop"].map { stop in
                StreamRest(
                    chunks: (stop["chunks"]?.array ?? []).compactMap { StreamChunk($0) },
                    blocks: stop["blocks"]?.array ?? [])
            }
        }
        set {
            body?["stop"] = newValue.map { ["chunks": .array($0.chunks.map(\.json)), "blocks": .array($0.blocks)] }
        }
    }

    private func has(_ key: String) -> Bool { body?[key]?.bool == true }

    private mutating func set(_ key: String, _ flag: Bool) { body?[key] = flag ? true : nil }
}
