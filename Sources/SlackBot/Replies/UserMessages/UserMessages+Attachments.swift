import Bridge

/// Texts about the files that askers attach. Those about one file follow its name, and the model is told them too.
extension UserMessages {
    /// The question of a message that has files and no words.
    static let attachedAlone = "(Attached without a comment.)"

    /// Under an answer: what was not read of a file.
    static func attachment(_ note: AttachmentNote) -> String {
        ":paperclip: `\(Markdown.escape(note.name.replacing("`", with: "'")))` \(Markdown.escape(note.text))."
    }

    private static let readable = "I read text (such as CSV, JSON and logs) and PNG, JPEG, GIF and WebP images"

    static let fileNeedsModel = "was not read: no language model is in use"
    static let fileEmpty = "was not read: it is empty"
    static let fileArchive = "was not read: it is an archive; please attach the files in it. \(readable)"
    static let fileOfOffice =
        "was not read: it is an Office document; please attach it as CSV or text. \(readable)"
    static let filePDF = "was not read: it is a PDF; please attach its text. \(readable)"
    static let fileOfOtherKind = "was not read: it is neither text nor an image that I can see. \(readable)"
    static let imageTooLarge = "was not read: the image is too large; send one of at most 3.7 MB, or fewer images"
    static func imageTooWide(_ pixels: Int) -> String {
        "was not read: the image has more than \(pixels) pixels on one side; please send a smaller one"
    }

    /// - Parameter bytes: how much was read.
    static func fileCut(_ bytes: Int) -> String {
        "is too long to be read as a whole: only its first \(bytes / 1_000) kB were read"
    }

    static func tooManyFiles(_ most: Int) -> String { "was not read: I read at most \(most) files with a question" }

    /// - Parameter mode: Slack's, of a file without content in Slack.
    static func fileElsewhere(_ mode: String) -> String {
        mode == "external"
            ? "was not read: it is not in Slack but in another service; please attach a copy"
            : "was not read: Slack does not have its content any more"
    }

    /// - Parameter code: Slack's error code, or one of ``SlackError``.
    static func fileUnreadable(_ code: String) -> String {
        switch code {
        case "missing_scope", "login_page":
            "was not read: Slack does not let me; an administrator can give my Slack app the scope `files:read` and "
                + "install it again"
        case "file_not_found", "file_deleted", "http_404", "http_410":
            "was not read: Slack does not have it any more"
        case "untrusted_url": "was not read: its address is not Slack's"
        case "unreachable", "bad_answer": "was not read: Slack's server for files did not answer in time"
        default: "was not read: Slack answered `\(code)`"
        }
    }
}
