/// Builds `messages`: one message per change of role, results first in theirs and all in one, every call answered,
/// nothing empty, the model's own blocks as they came.
struct AnthropicMessages {
    let foreignThinkers: Set<String>
    private var messages: [Message] = []
    /// Calls of the latest turn that have no result yet.
    private var open: [String] = []

    init(foreignThinkers: Set<String> = []) { self.foreignThinkers = foreignThinkers }

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

    mutating func append(_ message: ModelMessage) {
        switch message {
        case .user(let text):
            answerOpenCalls()
            if !text.isBlank { add([.own(Self.text(text))], isUser: true) }
        case .assistant(let text):
            answerOpenCalls()
            // A conversation begins with a person's words; recall may have cut them off.
            if !text.isBlank, !messages.isEmpty { add([.own(Self.text(text))], isUser: false) }
        case .turn(let turn):
            answerOpenCalls()
            add(blocks(of: turn).map { .raw($0) }, isUser: false)
            open = turn.calls.map(\.id)
        case .toolResults(let results):
            let known = results.filter { open.contains($0.callID) }
            for result in known { add(result: AnthropicToolResult.block(result)) }
            open.removeAll { id in known.contains { $0.callID == id } }
            answerOpenCalls()
        }
    }

    /// A call without a result makes the API reject the whole conversation (400), so that a question which was
    /// broken off could never go on.
    private mutating func answerOpenCalls() {
        for id in open {
            let result = ModelToolResult(callID: id, result: .text("This call was not made.", isError: true))
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

    /// The turn's blocks, without another model's thinking.
    private func blocks(of turn: ModelTurn) -> [String] {
        guard foreignThinkers.contains(ModelID.bare(turn.model)) else { return turn.rawBlocks }
        return turn.rawBlocks.filter { raw in
            let type = (try? JSONValue(parsing: raw))?["type"]?.string
            return type != "thinking" && type != "redacted_thinking"
        }
    }

    private static func text(_ text: String) -> JSONValue { ["type": "text", "text": .string(text)] }

    /// The messages, each as JSON. Ends the conversation: calls that are still open are answered.
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

    /// The last user message; and the one before it when so many blocks were added since that a look back of 20
    /// positions would not find what was cached then.
    private func breakpoints() -> Set<Int> {
        let users = messages.indices.filter { messages[$0].isUser }
        guard let last = users.last else { return [] }
        guard let before = users.dropLast().last else { return [last] }
        let added = messages[(before + 1)...last].reduce(0) { $0 + $1.count }
        return added >= 20 ? [before, last] : [last]
    }
}

extension String {
    /// Empty, or white space only: the API rejects such text blocks.
    var isBlank: Bool { allSatisfy(\.isWhitespace) }
}
