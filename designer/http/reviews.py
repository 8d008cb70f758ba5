"""Routes of reviews and releases."""

from __future__ import annotations

from flask import Response

from designer import release_list, review_pages, reviews, shadows
from designer.context import caller, here
from designer.http.models import drafts as paths
from designer.http.models import reviews as shapes
from designer.http.routes import Noun
from designer.http.svg import picture

api = Noun("reviews")


@api.on("POST", "/drafts/<id>/submit", needs="review.submit", gives=shapes.Submitted, status=201)
def submit_draft(path: paths.DraftPath, body: shapes.Submit) -> shapes.Submitted:
    """Fix the bytes of a draft and ask for signatures. Refused with what is in the way."""
    return reviews.submit(here(), caller(), path.id, body)


@api.on("GET", "/reviews", needs="review.read", gives=shapes.ReviewCards)
def list_reviews(query: shapes.ReviewsQuery) -> shapes.ReviewCards:
    """Reviews, the newest first."""
    return review_pages.cards(here(), caller(), query)


@api.on("GET", "/reviews/<id>", needs="review.read", gives=shapes.Review)
def read_review(path: shapes.ReviewPath) -> shapes.Review:
    """The review page: seven answers, differences, rules, tests, people."""
    return review_pages.page(here(), caller(), path.id)


@api.on("GET", "/reviews/<id>/picture.svg", needs="review.read", media="image/svg+xml")
def draw_review(path: shapes.ReviewPath, query: shapes.PictureQuery) -> Response:
    """The candidate, or what it is compared with, as a picture."""
    return picture(review_pages.picture(here(), path.id, query.side))


@api.on("POST", "/reviews/<id>/comments", needs="review.comment", gives=shapes.Review, status=201)
def comment_review(path: shapes.ReviewPath, body: shapes.NewComment) -> shapes.Review:
    """Say something about it, at a step, a wire or a field, or on the whole."""
    reviews.comment(here(), caller(), path.id, body)
    return review_pages.page(here(), caller(), path.id)


@api.on("POST", "/reviews/<id>/comments/<number>/resolve", needs="review.comment", gives=shapes.Review)
def resolve_comment(path: shapes.CommentPath) -> shapes.Review:
    """Mark a comment as dealt with."""
    reviews.resolve(here(), caller(), path.id, path.number)
    return review_pages.page(here(), caller(), path.id)


@api.on("POST", "/reviews/<id>/return", needs="review.return", gives=shapes.Review)
def return_review(path: shapes.ReviewPath, body: shapes.Return) -> shapes.Review:
    """Ask for changes: the draft goes back to its analysts."""
    reviews.give_back(here(), caller(), path.id, body)
    return review_pages.page(here(), caller(), path.id)


@api.on("POST", "/reviews/<id>/withdraw", needs="review.withdraw", gives=shapes.Review)
def withdraw_review(path: shapes.ReviewPath) -> shapes.Review:
    """Take a submission back."""
    reviews.withdraw(here(), caller(), path.id)
    return review_pages.page(here(), caller(), path.id)


@api.on("POST", "/reviews/<id>/looked", needs="review.read", gives=shapes.Review)
def look_at_review(path: shapes.ReviewPath, body: shapes.Looked) -> shapes.Review:
    """Keep what was seen: the next look says what is new since."""
    review_pages.looked(here(), caller(), path.id, body)
    return review_pages.page(here(), caller(), path.id)


@api.on("POST", "/reviews/<id>/shadow", needs=shadows.ACTION, gives=shapes.Review)
def shadow_review(path: shapes.ReviewPath) -> shapes.Review:
    """Run the candidate on messages that came, beside the version that is live. Nothing is sent."""
    shadows.run(here(), caller(), path.id)
    return review_pages.page(here(), caller(), path.id)


@api.on("GET", "/releases", needs="review.read", gives=shapes.ReleaseCards)
def list_releases(query: shapes.ReleasesQuery) -> shapes.ReleaseCards:
    """Every sealed version in the store, the newest first."""
    return release_list.cards(here(), query.flow)


@api.on("GET", "/releases/<digest>/bundle", needs="review.read", media="application/octet-stream")
def download_bundle(path: shapes.ReleasePath) -> Response:
    """The export of a release with its signatures: what ``lockgate verify`` takes."""
    return release_list.download(here(), path.digest)
