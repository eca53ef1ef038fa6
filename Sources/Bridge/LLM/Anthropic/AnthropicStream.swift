/// State machine for one streamed response of the Messages API: takes the data of its events, returns deltas and, at
/// the end, the whole turn. It does no I/O and reads no clock.
struct AnthropicStream {
    /// In the order of their arrival.
    private var blocks: [AnthropicBlock] = []
    /// The places in `blocks` of the newest block of each index.
    private var places: [Int: Int] = [:]
    private let earlierCalls: CallIDs
    private var usageCounts = AnthropicUsage()
    private var stop: ModelTurn.Stop?
    private var model: String
    private var hasText = false
    private var endsWithLineBreak = false
    /// Whether `message_stop` has arrived. Later events are ignored.
    private(set) var isFinished = false
    /// Whether the last event was only a sign of life: a ping, or an event without data.
    private(set) var lastWasPing = false

    /// - Parameters:
    ///   - model: the requested model, used when the response does not name its model.
    ///   - earlierCalls: the ids of calls in the request, which new calls do not get.
    init(model: String, earlierCalls: CallIDs = CallIDs()) {
        self.model = model
        self.earlierCalls = earlierCalls
    }

    /// Tokens so far, which are billed also when the response breaks off.
    var usage: TokenUsage { usageCounts.tokens }

    /// Takes one event and returns the deltas in it. Throws ``AnthropicStreamFault``.
    ///
    /// - Parameter name: the name of the event, which some servers do not repeat in the data.
    mutating func accept(_ data: String, named name: String = "message") throws -> [ModelDelta] {
        lastWasPing = false
        guard !isFinished, data != "[DONE]" else { return [] }
        if name == "ping" || data.isBlank {
            lastWasPing = true
            return []
        }
        guard let event = try? JSONValue(lenient: data) else { throw AnthropicStreamFault.malformed }
        if event.isNull || event == [:] {
            lastWasPing = true
            return []
        }
        let named = name == "message" ? nil : name
        guard let type = event["type"]?.string ?? named ?? (event["error"] == nil ? nil : "error") else {
            throw AnthropicStreamFault.malformed
        }
        switch type {
        case "message_start":
            usageCounts.update(event["message"]?["usage"])
            if let answered = event["message"]?["model"]?.string, !answered.isEmpty { model = answered }
        case "content_block_start": return start(event)
        case "content_block_delta": return changed(event)
        case "content_block_stop": if let place = blockPlace(of: event) { blocks[place].isComplete = true }
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

    /// Where the block of an event is; without an index in the event, the newest block.
    private func blockPlace(of event: JSONValue) -> Int? {
        guard let index = event["index"]?.int else { return blocks.indices.last }
        return places[index]
    }

    /// A block begins. An index that was used before does not replace its block: some servers give all blocks the same.
    private mutating func start(_ event: JSONValue) -> [ModelDelta] {
        let block = AnthropicBlock(start: event["content_block"]?.object ?? [:])
        places[event["index"]?.int ?? blocks.count] = blocks.count
        blocks.append(block)
        return block.opening.isEmpty ? [] : spaced(.text(block.opening), blocks.count - 1)
    }

    private mutating func changed(_ event: JSONValue) -> [ModelDelta] {
        guard let delta = event["delta"] else { return [] }
        // Some servers send the text of an answer without the event that begins its block.
        if blockPlace(of: event) == nil, delta["type"]?.string == "text_delta" {
            let block: JSONValue = ["type": "text", "text": ""]
            _ = start(["index": event["index"] ?? 0, "content_block": block])
        }
        guard let place = blockPlace(of: event), let change = blocks[place].apply(delta) else { return [] }
        return spaced(change, place)
    }

    /// Puts an empty line before text that follows a block of another type, so that "Let me look." and "It is 3." do
    /// not run together.
    private mutating func spaced(_ delta: ModelDelta, _ place: Int) -> [ModelDelta] {
        guard case .text(let text) = delta else { return [delta] }
        defer {
            hasText = true
            endsWithLineBreak = text.last?.isNewline ?? false
        }
        guard hasText, !endsWithLineBreak, blocks[place].fullText == text, !followsText(place) else { return [delta] }
        return [.text("\n\n" + text)]
    }

    private func followsText(_ place: Int) -> Bool { place > 0 && blocks[place - 1].isText }

    /// The whole turn. Throws ``AnthropicStreamFault/truncated`` when `message_stop` has not arrived.
    func finish() throws -> ModelTurn {
        guard isFinished else { throw AnthropicStreamFault.truncated }
        var (whole, callIDs) = (blocks, earlierCalls)
        let callPlaces = whole.indices.filter { whole[$0].isCall }
        for (place, id) in zip(callPlaces, callIDs.unique(callPlaces.map { whole[$0].callID })) {
            whole[place].callID = id
        }
        let calls = whole.enumerated().compactMap { place, block in
            // The arguments of a call that the token limit cut off may be valid JSON and still be incomplete.
            block.call(isCut: stop == .maxTokens && place == whole.count - 1)
        }
        return ModelTurn(
            provider: AnthropicClient.provider, rawBlocks: whole.compactMap(\.raw), text: text, calls: calls,
            stop: stop ?? .unknown("none"), usage: usage, model: model)
    }

    /// The text of all text blocks, separated as `spaced` separates the deltas.
    private var text: String {
        var text = ""
        for (place, block) in blocks.enumerated() where block.isText && !block.fullText.isEmpty {
            if !text.isEmpty, !followsText(place), text.last?.isNewline != true { text += "\n\n" }
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
