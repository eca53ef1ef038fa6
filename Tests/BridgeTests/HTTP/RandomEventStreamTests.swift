import TestKit
import Testing

@testable import Bridge

/// Seeded; a failure says the stream, and `OMNI_TEST_SEED` repeats the run.
@Suite("Random server-sent events", .timeLimit(.minutes(10)))
struct RandomEventStreamTests {
    /// A stream of bytes, and the events in it.
    private struct Stream {
        var bytes: [UInt8] = []
        var events: [ServerSentEvent] = []
    }

    /// Events with every line end, fields in any order, comments, unknown fields and blocks without data.
    private static func stream(_ random: inout SplitMix64) -> Stream {
        var stream = Stream()
        var id: String?
        if Int.random(in: 0..<4, using: &random) == 0 { stream.bytes += [0xEF, 0xBB, 0xBF] }
        for _ in 0..<Int.random(in: 0...5, using: &random) {
            var name = ""
            var data: [String]?
            var retry: Duration?
            for _ in 0..<Int.random(in: 0...5, using: &random) {
                let space = Bool.random(using: &random) ? " " : ""
                let word = RandomInput.text(&random).filter { $0 != "\n" && $0 != " " }
                let field: String
                switch Int.random(in: 0..<6, using: &random) {
                case 0:
                    name = word
                    field = "event:\(space)\(word)"
                case 1:
                    id = word
                    field = "id:\(space)\(word)"
                case 2:
                    retry = .milliseconds(word.utf8.count)
                    field = "retry:\(space)\(word.utf8.count)"
                case 3: field = ":\(word)"
                default:
                    data = (data ?? []) + [word]
                    field = "data:\(space)\(word)"
                }
                stream.bytes += Array(field.utf8) + end(&random)
            }
            stream.bytes += end(&random)
            guard let data else { continue }
            stream.events.append(
                ServerSentEvent(
                    name: name.isEmpty ? "message" : name, data: data.joined(separator: "\n"), id: id, retry: retry))
        }
        return stream
    }

    /// The end of a line. A carriage return alone would be one with a line feed of the next line's end.
    private static func end(_ random: inout SplitMix64) -> [UInt8] {
        Bool.random(using: &random) ? [0x0A] : [0x0D, 0x0A]
    }

    private static func parse(_ pieces: [ArraySlice<UInt8>]) throws -> [ServerSentEvent] {
        var parser = ServerSentEventParser()
        return try pieces.flatMap { try parser.feed($0) }
    }

    @Test("every event is read, however the stream is cut")
    func events() throws {
        let seed = SplitMix64.seed()
        var random = SplitMix64(seed: seed)
        for _ in 0..<RandomInput.count {
            let stream = Self.stream(&random)
            let read = try Self.parse(RandomInput.pieces(stream.bytes, &random))
            if read != stream.events {
                Issue.record("\(String(decoding: stream.bytes, as: UTF8.self)) is read as \(read) (seed \(seed))")
            }
        }
    }

    @Test("damaged streams are the same however they are cut, and each event is a message, unreadable or nothing")
    func damaged() throws {
        let seed = SplitMix64.seed()
        var random = SplitMix64(seed: seed)
        for _ in 0..<RandomInput.count {
            var bytes = Self.stream(&random).bytes
            RandomInput.damage(&bytes, &random)
            let whole = try Self.parse([bytes[...]])
            let read = try Self.parse(RandomInput.pieces(bytes, &random))
            if read != whole { Issue.record("\(bytes) is read in two ways (seed \(seed))") }
            for event in read { _ = StreamableHTTPTransport.frame(in: event) }
        }
    }

    @Test("signs of life at random places change no answer of a model")
    func signsOfLife() throws {
        let seed = SplitMix64.seed()
        var random = SplitMix64(seed: seed)
        let signs = [
            "data:\n\n", "data: \n\n", ": ping\n\n", "event: ping\ndata:\n\n", "event: ping\ndata: {}\n\n", "\n",
        ]
        for _ in 0..<RandomInput.count / 10 {
            let words = (0..<Int.random(in: 1...5, using: &random)).map { _ in RandomInput.text(&random) }
            let deltas = words.map { word -> String in
                let json = JSONValue.string(word).text()
                return #"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":\#(json)}}"#
            }
            let rows =
                [#"{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}"#] + deltas + [
                    #"{"type":"content_block_stop","index":0}"#,
                    #"{"type":"message_delta","delta":{"stop_reason":"end_turn"}}"#, #"{"type":"message_stop"}"#,
                ]
            var text = ""
            for row in rows {
                if Bool.random(using: &random) { text += signs.randomElement(using: &random) ?? "" }
                text += "data: \(row)\n\n"
            }
            var stream = AnthropicStream(model: "m")
            for event in try Self.parse(RandomInput.pieces(Array(text.utf8), &random)) {
                _ = try stream.accept(event.data, named: event.name)
            }
            let turn = try stream.finish()
            if turn.text != words.joined() { Issue.record("\(words) became \(turn.text) (seed \(seed))") }
        }
    }
}
