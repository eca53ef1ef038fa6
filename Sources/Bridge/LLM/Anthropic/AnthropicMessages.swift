/// Builds `messages` of a request as the API demands: roles alternate, all tool results of a turn are in one message
/// and come first in it, every call has a result, no block is empty. The provider's own blocks are sent back unchanged;
/// the turn of another provider is built from its text and calls.
struct AnthropicMessages {
    private var messages: [Message] = []
    /// Calls of the latest turn that have no result yet: the id in the turn, and the one that is sent. They differ when
    /// the turn is one of a journal and repeats an id, or another provider's and its id has characters that this API
    /// does not allow.
    private var open: [(id: String, sent: String)] = []
    private var callIDs = CallIDs()

    /// A content block: the model's as JSON text, or one that is built here.
    private enum Block {
        case raw(String)
        case own(JSONValue)

        var bytes: [UInt8] {
            switch self {
            case .raw(let text): Array(text.utf8)
            case .own(let value): value.bytes()
            }
        }
    }

    private struct Message {
        let isUser: Bool
        /// Results of calls, which must come first.
        var results: [JSONValue] = []
        var blocks: [Block] = []
        var count: Int { results.count + blocks.count }
    }

    /// Appends the next message of the conversation. Results that belong to no open call are dropped.
    mutating func append(_ message: ModelMessage) {
        switch message {
        case .user(let text):
            answerOpenCalls()
            if !text.isBlank { add([.own(Self.text(text))], isUser: true) }
        case .images(let images):
            answerOpenCalls()
            add(images.map { .own(AnthropicToolResult.block(of: $0)) }, isUser: true)
        case .assistant(let text):
            answerOpenCalls()
            // The first message must be the user's; the limit of the thread history may have cut it off.
            if !text.isBlank, !messages.isEmpty { add([.own(Self.text(text))], isUser: false) }
        case .turn(let turn):
            answerOpenCalls()
            let ids = turn.calls.map(\.id)
            let isOwn = turn.provider == AnthropicClient.provider && !turn.rawBlocks.isEmpty
            let sent = callIDs.unique(isOwn ? ids : ids.map(WireNames.allowed))
            add(isOwn ? Self.raw(turn, sent) : Self.built(turn, sent), isUser: false)
            open = zip(ids, sent).map { (id: $0, sent: $1) }
        case .toolResults(let results):
            for result in results {
                guard let place = open.firstIndex(where: { $0.id == result.callID }) else { continue }
                let call = open.remove(at: place)
                add(result: AnthropicToolResult.block(result.answering(call.sent)))
            }
            answerOpenCalls()
        }
    }

    /// The turn's blocks as they came, with those ids for their calls, in their order.
    private static func raw(_ turn: ModelTurn, _ ids: [String]) -> [Block] {
        guard ids != turn.calls.map(\.id) else { return turn.rawBlocks.map { .raw($0) } }
        var rest = ids[...]
        return turn.rawBlocks.map { raw in
            guard var block = try? JSONValue(lenient: raw), block["type"]?.string == "tool_use",
                let id = rest.popFirst()
            else { return .raw(raw) }
            block["id"] = .string(id)
            return .own(block)
        }
    }

    /// Blocks made of the turn's text and calls, with those ids for the calls, in their order.
    private static func built(_ turn: ModelTurn, _ ids: [String]) -> [Block] {
        let words = turn.text.isBlank ? [] : [Block.own(text(turn.text))]
        return words
            + zip(turn.calls, ids).map { call, id in
                let name = String(WireNames.allowed(call.wireName).prefix(64))
                return .own([
                    "type": "tool_use", "id": .string(id), "name": .string(name), "input": call.input ?? [:],
                ])
            }
    }

    /// Adds an error result for each open call. A call without a result makes the API reject the request (400), so that
    /// an interrupted question could never be resumed.
    private mutating func answerOpenCalls() {
        for call in open {
            let result = ModelToolResult(callID: call.sent, result: .text("This call was not made.", isError: true))
            add(result: AnthropicToolResult.block(result))
        }
        open = []
    }

    private mutating func add(result: JSONValue) {
        if messages.last?.isUser != true { messages.append(Message(isUser: true)) }
        messages[messages.count - 1].results.append(result)
    }

    private mutating func add(_ blocks: [Block], isUser: Bool) {
        guard !blocks.isEmpty else { return }
        if messages.last?.isUser != isUser { messages.append(Message(isUser: isUser)) }
        messages[messages.count - 1].blocks += blocks
    }

    private static func text(_ text: String) -> JSONValue { ["type": "text", "text": .string(text)] }

    /// The messages, each as JSON in UTF-8. Calls that are still open get their error results.
    mutating func elements() -> [[UInt8]] {
        answerOpenCalls()
        let marked = breakpoints()
        return messages.enumerated().map { index, message in
            var own = message.results.map { Block.own($0) } + message.blocks
            if marked.contains(index), case .own(var last) = own[own.count - 1] {
                last["cache_control"] = .ephemeral
                own[own.count - 1] = .own(last)
            }
            var object = JSONObjectWriter()
            object.add("role", message.isUser ? "user" : "assistant")
            object.add("content", elements: own.map(\.bytes))
            return object.finish()
        }
    }

    /// The indices of the messages that end in a cache breakpoint: the last user message, and the one before it when 20
    /// or more blocks were added since. The API looks for a cached prefix at most 20 blocks before a breakpoint
    /// (Anthropic, "Prompt caching").
    private func breakpoints() -> Set<Int> {
        let users = messages.indices.filter { messages[$0].isUser }
        guard let last = users.last else { return [] }
        guard let before = users.dropLast().last else { return [last] }
        let added = messages[(before + 1)...last].reduce(0) { $0 + $1.count }
        return added >= 20 ? [before, last] : [last]
    }
}

extension String {
    /// Whether the text is empty or white space only; the API rejects such text blocks.
    var isBlank: Bool { allSatisfy(\.isWhitespace) }
}
