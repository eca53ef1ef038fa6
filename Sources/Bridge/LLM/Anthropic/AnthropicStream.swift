/// State machine for one streamed response of the Messages API: takes the data of its events, returns deltas and, at
/// the end, the whole turn. It does no I/O and reads no clock.
struct AnthropicStream {
    private var blocks: [Int: AnthropicBlock] = [:]
    private var order: [Int] = []
    private var usageCounts = AnthropicUsage()
    private var stop: ModelTurn.Stop?
    private var model: String
    private var hasText = false
    private var endsWithLineBreak = false
    /// Whether `message_stop` has arrived. Later events are ignored.
    private(set) var isFinished = false
    /// Whether the last event was a ping.
    private(set) var lastWasPing = false

    /// - Parameter model: the requested model, used when the response does not name its model.
    init(model: String) { self.model = model }

    /// Tokens so far, which are billed also when the response breaks off.
    var usage: TokenUsage { usageCounts.tokens }

    /// Takes the data of one event and returns the deltas in it. Throws ``AnthropicStreamFault``.
    mutating func accept(_ data: String) throws -> [ModelDelta] {
        lastWasPing = false
        guard !isFinished, data != "[DONE]" else { return [] }
        guard let event = try? JSONValue(parsing: data), let type = event["type"]?.string else {
            throw AnthropicStreamFault.malformed
        }
        switch type {
        case "message_start":
            usageCounts.update(event["message"]?["usage"])
            if let answered = event["message"]?["model"]?.string, !answered.isEmpty { model = answered }
        case "content_block_start": return start(event)
        case "content_block_delta":
            let index = event["index"]?.int ?? 0
            guard let delta = event["delta"], let change = blocks[index]?.apply(delta) else { return [] }
            return spaced(change, index)
        case "content_block_stop": blocks[event["index"]?.int ?? 0]?.isComplete = true
        case "message_delta":
            if let reason = event["delta"]?["stop_reason"]?.string {
                stop = Self.stop(reason, details: event["delta"]?["stop_details"])
            }
            usageCounts.update(event["usage"])
        case "message_stop": isFinished = true
        case "error": throw AnthropicStreamFault.provider(AnthropicErrorBody(event))
        case "ping": lastWasPing = true
        default: break
        }
        return []
    }

    private mutating func start(_ event: JSONValue) -> [ModelDelta] {
        let index = event["index"]?.int ?? order.count
        let block = AnthropicBlock(start: event["content_block"]?.object ?? [:])
        if blocks.updateValue(block, forKey: index) == nil { order.append(index) }
        return block.opening.isEmpty ? [] : spaced(.text(block.opening), index)
    }

    /// Puts an empty line before text that follows a block of another type, so that "Let me look." and "It is 3." do
    /// not run together.
    private mutating func spaced(_ delta: ModelDelta, _ index: Int) -> [ModelDelta] {
        guard case .text(let text) = delta else { return [delta] }
        defer {
            hasText = true
            endsWithLineBreak = text.last?.isNewline ?? false
        }
        guard hasText, !endsWithLineBreak, isFirstOfItsBlock(text, index), !followsText(index) else { return [delta] }
        return [.text("\n\n" + text)]
    }

    private func isFirstOfItsBlock(_ text: String, _ index: Int) -> Bool { blocks[index]?.fullText == text }

    private func followsText(_ index: Int) -> Bool {
        guard let place = order.firstIndex(of: index), place > 0 else { return false }
        return blocks[order[place - 1]]?.isText ?? false
    }

    /// The whole turn. Throws ``AnthropicStreamFault/truncated`` when `message_stop` has not arrived.
    func finish() throws -> ModelTurn {
        guard isFinished else { throw AnthropicStreamFault.truncated }
        let whole = order.compactMap { blocks[$0] }
        let calls = whole.enumerated().compactMap { place, block in
            // The arguments of a call that the token limit cut off may be valid JSON and still be incomplete.
            block.call(isCut: stop == .maxTokens && place == whole.count - 1)
        }
        return ModelTurn(
            rawBlocks: whole.compactMap(\.raw), text: text, calls: calls, stop: stop ?? .unknown("none"),
            usage: usage, model: model)
    }

    /// The text of all text blocks, separated as `spaced` separates the deltas.
    private var text: String {
        var text = ""
        for (place, index) in order.enumerated() {
            guard let block = blocks[index], block.isText, !block.fullText.isEmpty else { continue }
            let follows = place > 0 && blocks[order[place - 1]]?.isText == true
            if !text.isEmpty, !follows, text.last?.isNewline != true { text += "\n\n" }
            text += block.fullText
        }
        return text
    }

    private static func stop(_ reason: String, details: JSONValue?) -> ModelTurn.Stop {
        switch reason {
        case "end_turn": .endTurn
        case "tool_use": .toolUse
        case "max_tokens": .maxTokens
        case "stop_sequence": .stopSequence
        case "pause_turn": .pauseTurn
        case "model_context_window_exceeded": .contextExceeded
        case "refusal": .refusal(category: details?["category"]?.string)
        default: .unknown(reason)
        }
    }
}

/// Why a stream has no turn.
enum AnthropicStreamFault: Error {
    /// An `error` event.
    case provider(AnthropicErrorBody)
    /// The stream ended before `message_stop`.
    case truncated
    /// The data of an event is no JSON, or has no `type`.
    case malformed
}

/// The token counts of `usage`. Counts in later events are totals; one that is absent or null keeps its value.
struct AnthropicUsage {
    private var input = 0
    private var output = 0
    private var read = 0
    private var written = 0
    private var writtenFor1h = 0

    mutating func update(_ usage: JSONValue?) {
        guard let usage else { return }
        func take(_ value: JSONValue?, _ count: inout Int) {
            // Bounded far above any real count, so that sums of wrong counts cannot overflow.
            if let value = value?.int { count = min(max(value, 0), 1_000_000_000) }
        }
        take(usage["input_tokens"], &input)
        take(usage["output_tokens"], &output)
        take(usage["cache_read_input_tokens"], &read)
        take(usage["cache_creation_input_tokens"], &written)
        take(usage["cache_creation"]?["ephemeral_1h_input_tokens"], &writtenFor1h)
    }

    var tokens: TokenUsage {
        let long = min(writtenFor1h, written)
        return TokenUsage(
            input: input, output: output, cacheRead: read, cacheWrite5m: written - long, cacheWrite1h: long)
    }
}
