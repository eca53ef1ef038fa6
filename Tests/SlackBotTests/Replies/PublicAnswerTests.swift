import Analytics
import Bridge
import Foundation
import Testing

@testable import SlackBot

@Suite("A private answer as everyone sees it")
struct PublicAnswerTests {
    private static let question = ULID()
    private static let answer = SlackMessage(
        text: "It is slow.", blocks: [["type": "markdown", "text": "It is slow."]])

    private func row(message: String?, thread: String? = nil, context: JSONValue = [:]) async throws -> QuestionRow {
        var found: QuestionRow?
        try await StoreFixture.run { stores in
            let asker = Principal(email: "ana@acme.example", name: "Ana", role: "dba", source: .builtIn("test"))
            let question = Question(
                id: Self.question, asker: asker, text: "why <now>?", place: Place(entryPoint: .slack, channel: "C1"),
                threadKey: "T1:C1:1.0")
            let origin = QuestionOrigin(
                team: "T1", channel: "C1", userID: "U1", messageTS: message, threadTS: thread ?? message)
            _ = try await stores[0].accept(NewQuestion(question, origin: origin, context: context))
            found = try await stores[0].question(Self.question)
        }
        return try #require(found)
    }

    private func post(
        _ kind: PostRow.Kind = .ephemeral, part: Int, _ message: SlackMessage, _ state: PostRow.State = .sent
    ) -> PostRow {
        var post = PostRow(
            question: Self.question, part: part, kind: kind, channel: "C1", threadTS: "1.0", body: message.json)
        post.state = state
        return post
    }

    @Test("the answer goes into its thread, without the button and without what only the asker was told")
    func thread() async throws {
        let buttons = AnswerActionsView(Self.question, mayBeShown: true, isOn: false)
        let withButton = try #require(
            buttons.adding(to: [Self.answer], .answered(Answer(text: "It is slow.", usage: Usage()))).last)
        #expect(withButton.blocks.count == 2)
        let outbox = [
            post(.answer, part: 0, SectionView.message(UserMessages.answeredPrivately)),
            post(part: 1, SectionView.message(UserMessages.cannotPost("not_in_channel"))),
            post(part: 2, Self.answer), post(part: 3, withButton), post(part: 4, Self.answer, .failed),
        ]
        let posts = PublicAnswer.posts(of: try await row(message: "1.0"), outbox)
        #expect(posts.map(\.part) == [5, 6])
        #expect(posts.allSatisfy { $0.kind == .answer && $0.state == .planned && $0.threadTS == "1.0" })
        #expect(posts.map { SlackMessage($0.body) } == [Self.answer, Self.answer])
        #expect(posts.allSatisfy(\.isForEveryone) && !outbox.contains(where: \.isForEveryone))
    }

    @Test("what the asker was asked back is not shown to others")
    func choices() async throws {
        let request = InputRequest(message: "Which one?", choices: ["prod", "test"], timeout: .seconds(60))
        let wait = Wait(callID: "1", request: request, expiresAt: Date(), workedMilliseconds: 0)
        let asked = post(part: PostRow.firstChoicePart + 1, ChoiceView.open(wait, of: Self.question))
        let posts = PublicAnswer.posts(of: try await row(message: "1.0"), [post(part: 0, Self.answer), asked])
        #expect(posts.map { SlackMessage($0.body) } == [Self.answer])
    }

    @Test("the text files follow in the thread without the line that they are elsewhere; of images the thread is told")
    func files() async throws {
        var style = AnswerMessages.Style(footer: nil)
        style.sendsFilesDirectly = true
        style.notes = ["a note"]
        let text = FilePost(text: "a,b", title: "table-1.csv", mimeType: FilePost.csv)
        let image = FilePost(text: "", title: "Costs", mimeType: "image/png")
        let files = [text, image].enumerated().map { index, file in
            var row = post(.file, part: 1 + index, SlackMessage(text: ""))
            row.body = file.named(after: row).json
            row.isDirect = true
            return row
        }
        let long = String(repeating: "Words of a long answer.\n\n", count: 2_000)
        let answer = AnswerMessages.render(.answered(Answer(text: long, usage: Usage())), style: style)
        let message = try #require(answer.messages.last)
        #expect(message.json.text().contains("in our direct messages"))
        let outbox = [post(part: 0, message)]
        let row = try await row(message: "1.0")
        func told(_ posts: [PostRow]) -> String { posts.first.map { SlackMessage($0.body).json.text() } ?? "" }
        let whole = PublicAnswer.posts(of: row, outbox + files.prefix(1))
        #expect(whole.map(\.kind) == [.answer, .file] && FilePost(whole.last?.body)?.text == "a,b")
        #expect(!told(whole).contains("direct messages") && told(whole).contains("a note"))
        let withImage = PublicAnswer.posts(of: row, outbox + files)
        #expect(withImage.map(\.kind) == [.answer, .file] && !told(withImage).contains("direct messages"))
        #expect(told(withImage).contains("1 image is not shown here"))
    }

    @Test("a command has no thread: a message with the asker and the question opens one")
    func command() async throws {
        let posts = PublicAnswer.posts(of: try await row(message: nil), [post(part: 0, Self.answer)])
        #expect(posts.map(\.part) == [PostRow.parentPart, 1])
        #expect(posts.map(\.kind) == [.parent, .answer])
        #expect(SlackMessage(posts.first?.body).text == "<@U1> asked: why &lt;now&gt;?")
    }

    @Test("a question of the message shortcut stands above its answer in the thread, once")
    func shortcut() async throws {
        let row = try await row(message: "1.1", thread: "1.0", context: ["way": "shortcut"])
        let posts = PublicAnswer.posts(of: row, [post(part: 0, Self.answer)])
        #expect(posts.map(\.kind) == [.parent, .answer] && posts.allSatisfy { $0.threadTS == "1.0" })
        let outbox = [post(.parent, part: PostRow.parentPart, SlackMessage(text: "asked")), post(part: 0, Self.answer)]
        #expect(PublicAnswer.posts(of: row, outbox).map(\.kind) == [.answer])
    }

    @Test("nothing is shown when retention has deleted the messages, or none was an answer")
    func nothing() async throws {
        let row = try await row(message: "1.0")
        var deleted = post(part: 0, Self.answer)
        deleted.body = nil
        #expect(PublicAnswer.posts(of: row, [deleted]).isEmpty)
        #expect(PublicAnswer.posts(of: row, [post(part: 0, SectionView.message("No."))]).isEmpty)
        #expect(PublicAnswer.posts(of: row, [post(.answer, part: 0, Self.answer)]).isEmpty)
    }
}
