"""Teaches the network of the encoder ``compact``: a small student that imitates larger networks on unlabelled photos.

Not part of what is installed. Three steps, each of which goes on where it was stopped:

    python -m teaching crops    # views of photos, and what the teachers see in them
    python -m teaching teach    # the student learns to see the same
    python -m teaching export   # the student as ONNX, its numbers in half precision

Needs torch and the extra ``dev``; what is worked on lies in ``bench-results/teaching``.
"""
