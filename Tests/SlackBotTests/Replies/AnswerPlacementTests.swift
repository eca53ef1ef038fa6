import Analytics
import Bridge
import Foundation
import Testing

@testable import SlackBot

@Suite("Where the messages of an answer go")
struct AnswerPlacementTests {
    private static func post(_ part: Int, _ message: SlackMessage) -> PostRow {
        PostRow(question: ULID(), part: part, channel: "C1", threadTS: "1.0", body: message.json)
    }

    private func rows(_ placement: AnswerPlacement, _ texts: [String]) -> [PostRow] {
        placement.rows(texts.map { SlackMessage(text: $0) }, post: Self.post)
    }

    private static func message(
        _ ts: String, _ raw: String = "", isExact: Bool = true, isOpen: Bool = false
    ) -> StreamedMessage {
        StreamedMessage(ts: ts, opening: "", raw: raw, isExact: isExact, isOpen: isOpen)
    }

    @Test("the answer begins in the progress message; further messages of an earlier attempt are used or deleted")
    func edits() {
        let placement = AnswerPlacement([
            ShownMessage(part: 0, ts: "5.0"), ShownMessage(part: 1, ts: "6.0"), ShownMessage(part: 2, ts: "7.0"),
        ])
        #expect(rows(AnswerPlacement([]), ["a", "b"]).map(\.part) == [0, 1])
        let posts = rows(placement, ["a", "b"])
        #expect(posts.map(\.part) == [0, 1, 3])
        #expect(posts.map(\.ts) == ["5.0", "6.0", "7.0"])
        #expect(posts.map(\.isSurplus) == [false, false, true])
        #expect(posts.map(\.isFollowed) == [true, true, false])
    }

    @Test("a message that may exist is searched for before it is posted")
    func unsure() {
        let posts = rows(AnswerPlacement([ShownMessage(part: 0, ts: nil)]), ["a"])
        #expect(posts.map(\.state) == [.unknown] && posts.map(\.ts) == [nil])
    }

    @Test("a further message that may exist and has no place in the answer is searched for under its own part")
    func surplusInDoubt() {
        let placement = AnswerPlacement([ShownMessage(part: 0, ts: "5.0"), ShownMessage(part: 1, ts: nil)])
        let posts = rows(placement, ["a"])
        #expect(posts.map(\.part) == [0, 1] && posts.map(\.ts) == ["5.0", nil])
        #expect(posts.map(\.isSurplus) == [false, true] && posts.map(\.state) == [.planned, .unknown])
        #expect(posts.map(\.searchedPart) == [nil, 1])
        #expect(rows(placement, []).map(\.isSurplus) == [true, true], "of a question that another answers none stays")
    }

    @Test("a message whose cards may say for ever that a call runs is deleted when the answer ends a later one")
    func cards() throws {
        var run = StreamRun()
        run.step()
        run.stream.handle(.toolStarted(StreamRun.call("a", .running)))
        run.step(.unsure)
        run.step()
        let ended = run.stream.finishCards()
        let stop = try #require(ended)
        let posts = rows(AnswerPlacement(after: stop, run.stream.messages), ["a"])
        #expect(posts.map(\.ts) == ["2.0", "1.0"] && posts.map(\.isSurplus) == [false, true])
        #expect(posts.map(\.part) == [1, 2])
    }

    @Test("whole messages stay, one in doubt is edited, the last ends its stream, and what is left is posted")
    func streamed() {
        let chunks = [StreamChunk.markdown("end")]
        let placement = AnswerPlacement(
            StreamEnding(
                messages: [
                    Self.message("4.0"), Self.message("5.0", "one"), Self.message("6.0", "two", isExact: false),
                    Self.message("7.0", "three", isOpen: true),
                ], stop: StreamEnding.Stop(ts: "7.0", chunks: chunks), rest: "four", mayHaveStarted: false))
        #expect(placement.texts == ["one", "two", "three", "four"])
        let posts = rows(placement, ["one", "two", "three", "four"])
        #expect(posts.map(\.part) == [1, 2, 3, 4], "the message with cards only is left alone")
        #expect(posts.map(\.ts) == ["5.0", "6.0", "7.0", nil])
        #expect(posts.map(\.state) == [.sent, .planned, .planned, .planned])
        #expect(posts[2].body?["stop"]?["chunks"] == .array(chunks.map(\.json)))
        #expect(posts[2].body?["text"] == "three", "a later claim edits the message to its whole text")
    }

    @Test("what is shown below the answer ends the stream with it")
    func blocks() throws {
        let placement = AnswerPlacement(
            StreamEnding(
                messages: [Self.message("5.0", "one", isOpen: true)], stop: StreamEnding.Stop(ts: "5.0", chunks: []),
                rest: "", mayHaveStarted: false))
        let context: JSONValue = ["type": "context", "elements": []]
        let message = SlackMessage(text: "one", blocks: [["type": "markdown", "text": "one"], context])
        let post = try #require(placement.rows([message], post: Self.post).first)
        #expect(post.body?["stop"]?["blocks"] == [context])
    }

    @Test("an ended stream is edited if something is to be shown below its text")
    func endedLast() {
        let placement = AnswerPlacement(
            StreamEnding(messages: [Self.message("5.0", "one")], stop: nil, rest: "", mayHaveStarted: false))
        #expect(rows(placement, ["one"]).map(\.state) == [.planned])
    }

    @Test("text that was taken back is replaced: the first message becomes the answer, the others are deleted")
    func superseded() {
        let placement = AnswerPlacement(
            StreamEnding(
                messages: [Self.message("5.0", isExact: false), Self.message("6.0", isExact: false, isOpen: true)],
                stop: nil, rest: "all", mayHaveStarted: true))
        #expect(placement.texts == nil)
        let posts = rows(placement, ["all"])
        #expect(posts.map(\.ts) == ["5.0", nil, "6.0"] && posts.map(\.isSurplus) == [false, true, true])
        #expect(posts.map(\.part) == [0, 2, 3] && posts.map(\.state) == [.planned, .unknown, .planned])
        #expect(rows(placement, ["a", "b", "c"]).map(\.state) == [.planned, .planned, .unknown])
    }
}
