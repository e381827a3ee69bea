(function () {
  var more = document.getElementById('more'), list = document.querySelector('.widgets'), busy = false;
  var from = +more.dataset.from, left = +more.dataset.left, button = more.querySelector('button');
  function load() {
    if (busy || !left) return;
    busy = true;
    if (button) button.disabled = true;
    fetch('/theme_dailysabah/more?list=' + encodeURIComponent(more.dataset.list) + '&from=' + from)
      .then(function (answer) { return answer.json(); })
      .then(function (found) {
        var holder = document.createElement('div');
        holder.innerHTML = found.html;
        var cards = Array.from(holder.children);
        from = found.from;
        left = found.left;
        (function next() {
          list.append.apply(list, cards.splice(0, 3));
          if (cards.length) return setTimeout(next, 15);
          busy = false;
          if (button) { button.disabled = false; if (!left) button.remove(); }
        })();
      });
  }
  if (button) { button.onclick = load; return; }
  new IntersectionObserver(function (seen) { if (seen[0].isIntersecting) load(); }).observe(more);
  addEventListener('scroll', function () {
    if (document.documentElement.scrollHeight - innerHeight - scrollY < 200) load();
  }, { passive: true });
})();
